import { ShapeError } from '@refclip/structures';
import { type BoxArray, countBoxes } from './box-array.js';

/**
 * Intersection over union of N pairs of boxes: element i compares box i of both arrays.
 *
 * Axes: N pairs. Boxes are xyxy in one common frame, far edge exclusive.
 *
 * @param predictions  `[N, 4]`.
 * @param truths  `[N, 4]`.
 * @param out  `[N]`, filled and returned; a new array when left out.
 * @returns `[N]` in [0, 1]; 0 when either box is empty (no positive width and height) or both are disjoint; NaN when a coordinate is NaN.
 * @throws {ShapeError} when the numbers of boxes differ.
 * @example
 * matchedIou(Float64Array.of(0, 0, 2, 2), Float64Array.of(1, 1, 3, 3)); // Float64Array [0.14285714285714285]
 */
export function matchedIou(predictions: BoxArray, truths: BoxArray, out?: Float64Array): Float64Array {
  const count = countBoxes(predictions, 'matchedIou: predictions');
  if (truths.length !== predictions.length) {
    throw new ShapeError({
      op: 'matchedIou',
      argument: 'truths',
      expected: [count, 4],
      actual: [truths.length / 4, 4],
    });
  }
  const ious = out ?? new Float64Array(count);
  if (ious.length < count) {
    throw new ShapeError({ op: 'matchedIou', argument: 'out', expected: [count], actual: [ious.length] });
  }
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    ious[i] = iouOf(
      predictions[at]!,
      predictions[at + 1]!,
      predictions[at + 2]!,
      predictions[at + 3]!,
      truths[at]!,
      truths[at + 1]!,
      truths[at + 2]!,
      truths[at + 3]!,
    );
  }
  return ious;
}

/** IoU of two boxes given as eight numbers, so that hot loops allocate nothing. Same rules as {@link matchedIou}. @internal */
export function iouOf(
  ax1: number,
  ay1: number,
  ax2: number,
  ay2: number,
  bx1: number,
  by1: number,
  bx2: number,
  by2: number,
): number {
  const width = Math.min(ax2, bx2) - Math.max(ax1, bx1);
  const height = Math.min(ay2, by2) - Math.max(ay1, by1);
  // Negative extents become 0 without a branch: which boxes meet is as good as random, and a mispredicted branch costs more than a division.
  const intersection = 0.25 * (width + Math.abs(width)) * (height + Math.abs(height));
  const union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - intersection;
  // A positive intersection implies two boxes of positive area; of none, the quotient is 0 whatever the areas are. Rounding may leave the
  // union of two equal boxes below their intersection.
  return intersection / Math.max(union, intersection, Number.MIN_VALUE);
}
