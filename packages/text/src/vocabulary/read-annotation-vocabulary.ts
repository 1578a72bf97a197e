import { DataFormatError } from '@refclip/structures';
import { readJsonFile } from '../files/read-text-file.js';
import type { CountedVocabulary } from './counted-vocabulary.js';
import { tokenizeExpression } from './tokenize-expression.js';
import { Vocabulary } from './vocabulary.js';

/**
 * The vocabulary of an annotation file in SimREC's form (split → records with `refs`): every word of every split, in the order of the file.
 *
 * @throws {DataFormatError} when the file is of another form; {FileError} when it cannot be read.
 */
export async function readAnnotationVocabulary(file: string): Promise<CountedVocabulary> {
  const splits = await readJsonFile(file);
  const expressions: string[] = [];
  const fail = (record: string | undefined): never => {
    throw new DataFormatError(
      { file, record },
      'expected split → list of records with "refs", a list of expressions. Convert other forms with: refclip-data convert --to simrec',
    );
  };
  if (typeof splits !== 'object' || splits === null || Array.isArray(splits)) fail(undefined);
  for (const [split, records] of Object.entries(splits as object)) {
    if (!Array.isArray(records)) fail(split);
    (records as unknown[]).forEach((record, index) => {
      const refs = (record as { refs?: unknown } | null)?.refs;
      if (!Array.isArray(refs) || refs.some((ref) => typeof ref !== 'string')) fail(`${split} ${index}`);
      expressions.push(...(refs as string[]));
    });
  }
  const counts = new Map<string, number>();
  for (const word of expressions.flatMap(tokenizeExpression)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return { vocabulary: Vocabulary.fromExpressions(expressions), counts };
}
