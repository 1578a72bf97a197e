import { ConfigError } from '@refclip/structures';
import { FixedPointSum } from '../statistics/fixed-point-sum.js';
import { AccuracyAccumulator } from './accuracy-accumulator.js';
import type { Comparator } from './comparator.js';
import type { MaskOverlap } from './mask-overlap.js';

/** What a {@link MaskAccumulator} counts. */
export interface MaskOptions {
  /** IoU of two empty masks: 1 as gRefCOCO's no-target expressions are scored (GRES), default 0 as LAVT's evaluation does. */
  readonly emptyIou?: 0 | 1;
  /** For precision at thresholds; default 0.5, 0.6, 0.7, 0.8, 0.9. */
  readonly thresholds?: readonly number[];
  /** Default `'>'`. */
  readonly comparator?: Comparator;
}

/** Segmentation quality over expressions; NaN everywhere when there are none. */
export interface MaskResult {
  readonly count: number;
  /** Mean of the expressions' IoUs (mIoU; with `emptyIou: 1` the gIoU of GRES), in [0, 1]. */
  readonly meanIou: number;
  /** Sum of intersections over sum of unions (oIoU, cIoU), in [0, 1]; large objects weigh more. NaN when all masks are empty. */
  readonly overallIou: number;
  /** Threshold → percent of expressions whose IoU passes. */
  readonly precision: Readonly<Record<string, number>>;
}

/** Mask IoU, mean and overall, and precision at thresholds, one expression at a time; shards merge exactly. */
export class MaskAccumulator {
  readonly emptyIou: 0 | 1;
  readonly #ious: AccuracyAccumulator;
  readonly #mean = new FixedPointSum();
  #intersection = 0;
  #union = 0;

  constructor(options: MaskOptions = {}) {
    const { emptyIou = 0, thresholds = [0.5, 0.6, 0.7, 0.8, 0.9], comparator = '>' } = options;
    this.emptyIou = emptyIou;
    this.#ious = new AccuracyAccumulator({ thresholds, comparator });
  }

  /** Adds one expression. @returns its IoU. */
  add({ intersection, union }: MaskOverlap): number {
    const iou = union === 0 ? this.emptyIou : intersection / union;
    this.#ious.add(iou);
    this.#mean.add(iou);
    this.#intersection += intersection;
    this.#union += union;
    return iou;
  }

  /** Adds all of another accumulator of the same options; the other is unchanged. */
  merge(other: MaskAccumulator): void {
    if (other.emptyIou !== this.emptyIou) {
      const problem = `${this.emptyIou} here, ${other.emptyIou} in the other. Create both with equal options.`;
      throw new ConfigError('MaskAccumulator.merge', [{ path: 'emptyIou', problem }]);
    }
    this.#ious.merge(other.#ious);
    this.#mean.merge(other.#mean);
    this.#intersection += other.#intersection;
    this.#union += other.#union;
  }

  result(): MaskResult {
    const { count, accuracy } = this.#ious.result();
    return {
      count,
      meanIou: this.#mean.value / count,
      overallIou: this.#intersection / this.#union,
      precision: accuracy,
    };
  }
}
