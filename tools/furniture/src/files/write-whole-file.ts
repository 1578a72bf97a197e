import { WholeFile } from './whole-file.js';

type Piece = string | Uint8Array;

/**
 * Writes a file from its content or from pieces of it: either the whole file is there, on the disk, or what was before. Its folder is created.
 *
 * @throws {FileError} when the folder or the file cannot be written. An error of the pieces passes through; nothing is left behind.
 */
export async function writeWholeFile(
  file: string,
  content: Piece | Iterable<Piece> | AsyncIterable<Piece>,
): Promise<void> {
  const whole = await WholeFile.create(file);
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) await whole.write(content);
    else for await (const piece of content) await whole.write(piece);
  } catch (error) {
    await whole.abort();
    throw error;
  }
  await whole.close();
}
