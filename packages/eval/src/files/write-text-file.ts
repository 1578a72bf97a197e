import { writeWholeFile } from '@refclip/furniture';

/** Writes a file through a temporary one beside it, so that no half of it is ever seen. @internal */
export async function writeTextFile(file: string, text: string): Promise<void> {
  await writeWholeFile(file, text);
}
