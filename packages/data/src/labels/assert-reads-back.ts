import type { XywhBox } from '@refclip/structures';
import { nameImage } from '../convert/name-image.js';
import { ProblemList } from '../convert/problem-list.js';
import type { ComparableRecord } from './student-set.js';

/**
 * Compares what a file is found to hold with what it should.
 *
 * @param wanted     records that were written; images by the names that the file gives them.
 * @param tolerance  by how many pixels an edge may differ: 0.5 where the form has whole pixels (a box narrower than one is written as wide as one).
 * @throws {DataFormatError} that lists the records which differ: the disk is broken, or the writer.
 */
export function assertReadsBack(
  file: string,
  wanted: readonly ComparableRecord[],
  found: readonly ComparableRecord[],
  tolerance: number,
): void {
  const problems = new ProblemList(file);
  if (wanted.length !== found.length)
    problems.add(undefined, undefined, `read back, it holds ${found.length} records; expected ${wanted.length}`);
  const fileName = (image: number | string) => nameImage(image).image;
  for (const [at, record] of wanted.entries()) {
    const other = found[at];
    if (!other) break;
    if (fileName(record.image) !== fileName(other.image))
      problems.add(at, 'image', `read back, it is ${other.image}; expected ${record.image}`);
    if (record.expressions.join('\n') !== other.expressions.join('\n'))
      problems.add(at, 'expression', `read back, it is "${other.expressions[0]}"; expected "${record.expressions[0]}"`);
    if (!sameBox(record.box, other.box, tolerance))
      problems.add(at, 'box', `read back, it is [${other.box}]; expected [${record.box}]`);
  }
  problems.throwIfAny();
}

function sameBox(wanted: XywhBox | undefined, found: XywhBox | undefined, tolerance: number): boolean {
  if (!wanted || !found) return wanted === found;
  const slack = tolerance + 1e-4;
  const [x, y, w, h] = wanted;
  const near = Math.abs(x - found[0]) <= slack && Math.abs(y - found[1]) <= slack;
  // A box thinner than a pixel grows to one where pixels are whole.
  const far = (from: number, size: number, at: number, other: number) =>
    Math.abs(from + size - (at + other)) <= slack || (tolerance > 0 && size < 1 + tolerance && other === 1);
  return near && far(x, w, found[0], found[2]) && far(y, h, found[1], found[3]);
}
