import { rename, writeFile } from 'node:fs/promises';

/** Writes a file so that it is there whole or not at all. */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}
