import { DataFormatError } from '@refclip/structures';
import { parseJsonText, readTextFile } from '../files/read-text-file.js';
import type { CountedVocabulary } from './counted-vocabulary.js';
import { specialTokens, Vocabulary } from './vocabulary.js';

/**
 * The vocabulary of a word list: one word a line, or a JSON list. The special tokens are put before it unless it begins with them.
 *
 * @throws {DataFormatError} when a word stands twice.
 */
export async function readWordListVocabulary(file: string): Promise<CountedVocabulary> {
  const words = await readWordList(file);
  const all = specialTokens.some((token, id) => words[id] !== token) ? [...specialTokens, ...words] : words;
  return { vocabulary: Vocabulary.fromWords(all, file), counts: undefined };
}

/** The words of a list: one a line, or a JSON list of strings. */
export async function readWordList(file: string): Promise<readonly string[]> {
  const text = await readTextFile(file);
  if (!text.trimStart().startsWith('[')) {
    return text.split(/\r?\n/).flatMap((line, at, lines) => (at === lines.length - 1 && line === '' ? [] : [line]));
  }
  const words = parseJsonText(text, file);
  if (!Array.isArray(words) || words.some((word) => typeof word !== 'string')) {
    throw new DataFormatError({ file }, 'expected a list of words: one a line, or a JSON list of strings.');
  }
  return words as string[];
}
