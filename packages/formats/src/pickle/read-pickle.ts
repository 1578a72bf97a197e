import { PickleReader } from './pickle-reader.js';
import type { PickleValue } from './pickle-value.js';

/**
 * Reads a Python pickle (protocols 0–5) of plain data: numbers, texts, bytes, None, booleans, lists, tuples, sets, dicts, `OrderedDict`.
 *
 * Nothing is imported or called: a pickle that needs anything else of Python's is refused by its name. Byte strings of Python 2 are read as
 * UTF-8, or as Latin-1 where they are not. No length in the file is trusted, and values that hold themselves, nest beyond reason or share
 * their parts so often that they would unfold to far more than the file are refused.
 *
 * @throws {DataFormatError} naming file and byte position.
 */
export function readPickle(bytes: Uint8Array, file: string): PickleValue {
  return new PickleReader<never>(bytes, file).read();
}
