import { ShapeError } from '@refclip/structures';
import { accuracyAtIou } from './accuracy-at-iou.js';
import type { Comparator } from './comparator.js';

/** How {@link topKAccuracy} counts. */
export interface TopKAccuracyOptions {
  /** Boxes of each expression that may be right, at least 1. */
  readonly k: number;
  /** IoU in [0, 1]; default 0.5. */
  readonly threshold?: number;
  /** Default `'>'`. */
  readonly comparator?: Comparator;
}

/**
 * Percent of expressions of which one of the k best-ranked boxes passes the threshold (recall at k).
 *
 * Axes: N expressions, K boxes of each, best first. With k = 1 this is `accuracyAtIou` of the first column.
 *
 * @param ious  `[N, K]` row-major; NaN where an expression has fewer boxes.
 * @param boxesPerExpression  K.
 * @returns percent; NaN when there are no expressions. A k above K is K.
 * @throws {ShapeError} when the numbers do not make whole rows or k is not a whole number from 1.
 */
export function topKAccuracy(
  ious: ArrayLike<number>,
  boxesPerExpression: number,
  options: TopKAccuracyOptions,
): number {
  const { k, threshold = 0.5, comparator = '>' } = options;
  const count = ious.length / boxesPerExpression;
  if (!Number.isInteger(count) || !(Number.isInteger(k) && k >= 1)) {
    throw new ShapeError(
      { op: 'topKAccuracy', argument: 'ious', expected: [null, boxesPerExpression], actual: [ious.length] },
      `k is ${k}; expected a whole number from 1.`,
    );
  }
  const best = new Float64Array(count).fill(Number.NaN);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < Math.min(k, boxesPerExpression); j++) {
      const iou = ious[i * boxesPerExpression + j]!;
      // The second comparison is also true while the best is still NaN.
      if (!Number.isNaN(iou) && !(iou <= best[i]!)) best[i] = iou;
    }
  }
  return accuracyAtIou(best, { threshold, comparator });
}
