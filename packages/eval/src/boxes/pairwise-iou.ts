import { type BoxArray, countBoxes } from './box-array.js';
import { iouOf } from './matched-iou.js';

/**
 * Intersection over union of every box of one array with every box of another.
 *
 * Axes: N boxes of `a`, M boxes of `b`. Boxes are xyxy in one common frame, far edge exclusive.
 *
 * @param a  `[N, 4]`.
 * @param b  `[M, 4]`.
 * @returns `[N, M]` row-major, in [0, 1]; empty boxes and NaN as in {@link matchedIou}.
 */
export function pairwiseIou(a: BoxArray, b: BoxArray): Float64Array {
  const n = countBoxes(a, 'pairwiseIou: a');
  const m = countBoxes(b, 'pairwiseIou: b');
  const ious = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const [p, q] = [4 * i, 4 * j];
      ious[i * m + j] = iouOf(a[p]!, a[p + 1]!, a[p + 2]!, a[p + 3]!, b[q]!, b[q + 1]!, b[q + 2]!, b[q + 3]!);
    }
  }
  return ious;
}
