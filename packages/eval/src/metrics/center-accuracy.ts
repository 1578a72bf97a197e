import { ShapeError } from '@refclip/structures';
import { type BoxArray, countBoxes } from '../boxes/box-array.js';

/**
 * Percent of expressions whose predicted box has its center in the annotated box (the pointing game of Zhang et al. 2016).
 *
 * Axes: N expressions. Boxes are xyxy in one common frame; the truth's near edges count as inside, its far edges do not.
 *
 * @param predictions  `[N, 4]`; NaN counts as wrong.
 * @param truths  `[N, 4]`; nothing lies in an empty truth.
 * @returns percent; NaN when there are no expressions.
 * @throws {ShapeError} when the numbers of boxes differ.
 */
export function centerAccuracy(predictions: BoxArray, truths: BoxArray): number {
  const count = countBoxes(predictions, 'centerAccuracy: predictions');
  if (truths.length !== predictions.length) {
    const actual = [truths.length / 4, 4];
    throw new ShapeError({ op: 'centerAccuracy', argument: 'truths', expected: [count, 4], actual });
  }
  let inside = 0;
  for (let at = 0; at < predictions.length; at += 4) {
    const x = (predictions[at]! + predictions[at + 2]!) / 2;
    const y = (predictions[at + 1]! + predictions[at + 3]!) / 2;
    if (x >= truths[at]! && x < truths[at + 2]! && y >= truths[at + 1]! && y < truths[at + 3]!) inside++;
  }
  return (100 * inside) / count;
}
