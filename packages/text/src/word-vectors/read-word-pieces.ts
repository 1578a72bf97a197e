import { DataFormatError } from '@refclip/structures';
import { readJsonFile } from '../files/read-text-file.js';

/**
 * Words and the pieces whose mean is their vector: a JSON object, word → list of words.
 *
 * @throws {DataFormatError} for anything else.
 */
export async function readWordPieces(file: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const object = await readJsonFile(file);
  const isPieces = (pieces: unknown) =>
    Array.isArray(pieces) && pieces.length > 0 && pieces.every((piece) => typeof piece === 'string');
  if (typeof object !== 'object' || object === null || !Object.values(object).every(isPieces)) {
    throw new DataFormatError({ file }, 'expected a JSON object, word → list of its pieces: {"dont": ["do", "nt"]}.');
  }
  return new Map(Object.entries(object as Record<string, readonly string[]>));
}
