import { readFile } from 'node:fs/promises';
import { DataFormatError, FileError } from '@refclip/structures';

/** The text of a UTF-8 file, without a byte order mark. */
export async function readTextFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FileError(file, `cannot be read (${cause.code}). Check the path.`, { cause });
  });
  return text.replace(/^\uFEFF/, '');
}

/** The JSON value of a text. */
export function parseJsonText(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataFormatError({ file }, `is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

/** The JSON value in a file. */
export async function readJsonFile(file: string): Promise<unknown> {
  return parseJsonText(await readTextFile(file), file);
}
