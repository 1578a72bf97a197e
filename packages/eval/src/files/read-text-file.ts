import { readFile } from 'node:fs/promises';
import { FileError } from '@refclip/structures';

/** A whole file as text. @throws {FileError} when it cannot be read. @internal */
export async function readTextFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new FileError(file, `cannot be read: ${(cause as Error).message}`, { cause });
  }
}
