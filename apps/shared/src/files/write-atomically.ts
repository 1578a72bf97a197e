import { writeWholeFile } from '@refclip/furniture';

/** Writes a file so that it is there whole or not at all; its folder is created. @throws {FileError} when it cannot be written. */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  await writeWholeFile(file, content);
}
