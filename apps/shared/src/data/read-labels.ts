import { type ReferringRecord, readAnnotations } from '@refclip/data';
import { createImageIndex, imageKey } from '@refclip/records';
import { DataFormatError } from '@refclip/structures';
import { tokenizeExpression } from '@refclip/text';

/**
 * The training records of a file of labels, e.g. pseudo-labels in SimREC form: one per expression or per record, some may be left out.
 *
 * Each must say about an image what the annotations say about it too. So labels of other data are found out, and no word is new: the vocabulary stays that
 * of the annotations, whatever order the labels have.
 *
 * @param given  training records of the annotations, whose boxes are not looked at.
 * @param needsScores  whether every record must have a score.
 * @throws {DataFormatError} listing the records that do not fit; {FileError} when the file cannot be read.
 */
export async function readLabels(
  file: string,
  given: readonly ReferringRecord[],
  needsScores: boolean,
): Promise<readonly ReferringRecord[]> {
  const { splits } = await readAnnotations(file);
  const labelled = splits.get('train') ?? [];
  if (!labelled.length) {
    const problem = `no split "train" with records; the file has ${[...splits.keys()].join(', ') || 'none'}. Label the training split.`;
    throw new DataFormatError({ file }, problem);
  }
  const index = createImageIndex(
    given.map(({ image }) => image),
    file,
  );
  const known = new Map<string, Set<string>>();
  for (const { image, expressions } of given) {
    const key = imageKey(image);
    const said = known.get(key) ?? new Set();
    for (const expression of expressions) said.add(wordsOf(expression));
    known.set(key, said);
  }
  const problems = labelled.flatMap(({ image, expressions, box, score }, at) => {
    const key = index.resolve(image, { file, record: `train ${at}`, field: 'image' });
    const said = key === undefined ? undefined : known.get(key);
    const strange = expressions.find((expression) => !said?.has(wordsOf(expression)));
    const found: string[] = [];
    if (!said) found.push(`train ${at}: image ${image} is not in the training split of the annotations`);
    else if (strange !== undefined)
      found.push(`train ${at}: the annotations do not say "${strange}" of image ${image}`);
    if (!box) found.push(`train ${at}: no box`);
    if (needsScores && score === undefined) found.push(`train ${at}: no score, which supervision.weightByScore needs`);
    return found;
  });
  if (problems.length) {
    const shown = problems.slice(0, 20).map((problem) => `\n  ${problem}`);
    const rest = problems.length > shown.length ? `\n  … and ${problems.length - shown.length} more` : '';
    throw new DataFormatError(
      { file },
      `${problems.length} problem(s) of the labels:${shown.join('')}${rest}\nGive the labels of data.annotations.`,
    );
  }
  return labelled;
}

const wordsOf = (expression: string) => tokenizeExpression(expression).join(' ');
