import type { CaseTable } from '../evaluation/case-table.js';
import { type Comparator, passes } from '../metrics/comparator.js';
import { clusteredMean } from '../statistics/clustered-mean.js';

/** Accuracy over the IoU threshold. */
export interface AccuracyCurve {
  /** `[T]`, 0, 0.025, …, 1. */
  readonly thresholds: readonly number[];
  /** `[T]`, percent. */
  readonly accuracy: readonly number[];
  /** `[T]`, percent points, by image; NaN for a single image. */
  readonly standardError: readonly number[];
}

const steps = 40;

/** How the accuracy falls as the threshold rises. */
export function computeAccuracyCurve(table: CaseTable, comparator: Comparator): AccuracyCurve {
  const thresholds = Array.from({ length: steps + 1 }, (_, i) => i / steps);
  const right = new Float64Array(table.length);
  const points = thresholds.map((threshold) => {
    for (const [row, iou] of table.ious.entries()) right[row] = passes(iou, threshold, comparator) ? 100 : 0;
    return clusteredMean(right, table.imageNumbers);
  });
  return {
    thresholds,
    accuracy: points.map(({ mean }) => mean),
    standardError: points.map(({ standardError }) => standardError),
  };
}
