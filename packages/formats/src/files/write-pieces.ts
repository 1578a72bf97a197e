import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileError } from '@refclip/structures';

const bufferedCharacters = 1 << 20;

/**
 * Writes a file from pieces, beside its place and then renamed: either the whole file is there or what was before.
 *
 * @throws {FileError} when the folder or the file cannot be written. An error of the pieces passes through; nothing is left behind.
 */
export async function writePieces(file: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  const guard = async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } catch (cause) {
      throw new FileError(file, `cannot be written: ${(cause as Error).message}`, { cause });
    }
  };
  await guard(mkdir(dirname(file), { recursive: true }));
  const handle = await guard(open(temporary, 'wx'));
  try {
    let text = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') text += piece;
      if (typeof piece === 'string' && text.length < bufferedCharacters) continue;
      if (text !== '') await guard(handle.writeFile(text));
      text = '';
      if (typeof piece !== 'string') await guard(handle.writeFile(piece));
    }
    if (text !== '') await guard(handle.writeFile(text));
    await guard(handle.sync());
    await handle.close();
    await guard(rename(temporary, file));
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}
