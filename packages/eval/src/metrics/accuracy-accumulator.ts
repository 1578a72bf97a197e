import { ConfigError, ShapeError } from '@refclip/structures';
import { FixedPointSum } from '../statistics/fixed-point-sum.js';
import { cocoThresholds } from './coco-thresholds.js';
import type { Comparator } from './comparator.js';

/** What an {@link AccuracyAccumulator} counts. */
export interface AccuracyOptions {
  /** IoU thresholds in [0, 1]; default 0.5, 0.55, …, 0.95. */
  readonly thresholds?: readonly number[];
  /** Default `'>'`, strict, as RefCLIP evaluates. */
  readonly comparator?: Comparator;
}

/** Accuracy over expressions. Without any expression every figure is NaN: there is nothing to say. */
export interface AccuracyResult {
  /** Expressions in the denominator. */
  readonly count: number;
  /** Threshold (as `String(number)`) → percent of expressions whose IoU passes. */
  readonly accuracy: Readonly<Record<string, number>>;
  /** Threshold → number of expressions whose IoU passes. */
  readonly correct: Readonly<Record<string, number>>;
  /** Mean of the percentages over this accumulator's thresholds; with the default ones the 0.5:0.95 average. */
  readonly averageAccuracy: number;
  /** Mean IoU over `count`, in [0, 1] for IoUs in [0, 1]. */
  readonly meanIou: number;
}

/**
 * Accuracy at IoU thresholds and mean IoU, one expression at a time; shards merge to exactly the result of one pass.
 *
 * Averaged per expression. A NaN IoU (no usable prediction) counts as wrong at every threshold and as IoU 0.
 * Reproduces the metric that Jin et al. 2023 (RefCLIP, CVPR) report as accuracy: percent of expressions with IoU > 0.5.
 *
 * @example
 * const accuracy = new AccuracyAccumulator();
 * accuracy.add(0.8);
 * accuracy.add(0.5);
 * accuracy.result().accuracy['0.5']; // 50: the comparison is strict
 */
export class AccuracyAccumulator {
  readonly thresholds: readonly number[];
  readonly comparator: Comparator;
  #count = 0;
  readonly #correct: Float64Array;
  readonly #sum = new FixedPointSum();

  constructor(options: AccuracyOptions = {}) {
    const { thresholds = cocoThresholds, comparator = '>' } = options;
    const wrong = thresholds.filter((threshold) => !(threshold >= 0 && threshold <= 1));
    if (thresholds.length === 0 || wrong.length > 0) {
      const problem = `expected one or more numbers in [0, 1], got [${thresholds.join(', ')}].`;
      throw new ConfigError('AccuracyAccumulator', [{ path: 'thresholds', problem }]);
    }
    this.thresholds = [...thresholds];
    this.comparator = comparator;
    this.#correct = new Float64Array(thresholds.length);
  }

  /** Adds one expression's IoU. */
  add(iou: number): void {
    this.#count++;
    this.#sum.add(Number.isNaN(iou) ? 0 : iou);
    for (let t = 0; t < this.thresholds.length; t++) {
      if (this.comparator === '>' ? iou > this.thresholds[t]! : iou >= this.thresholds[t]!) this.#correct[t]!++;
    }
  }

  /** Adds many. @param ious `[N]`, one per expression. */
  addAll(ious: ArrayLike<number>): void {
    this.#count += ious.length;
    this.#sum.addAll(ious);
    for (let t = 0; t < this.thresholds.length; t++) {
      const threshold = this.thresholds[t]!;
      let correct = 0;
      if (this.comparator === '>') for (let i = 0; i < ious.length; i++) correct += Number(ious[i]! > threshold);
      else for (let i = 0; i < ious.length; i++) correct += Number(ious[i]! >= threshold);
      this.#correct[t]! += correct;
    }
  }

  /** Adds all that another accumulator of the same options has seen; the other is unchanged. */
  merge(other: AccuracyAccumulator): void {
    if (other.comparator !== this.comparator || other.thresholds.join() !== this.thresholds.join()) {
      const of = (a: AccuracyAccumulator) => `${a.comparator} ${a.thresholds.join(', ')}`;
      const problem = `accumulators count different things: ${of(this)} and ${of(other)}. Create both with equal options.`;
      throw new ConfigError('AccuracyAccumulator.merge', [{ path: 'thresholds', problem }]);
    }
    this.#count += other.#count;
    this.#sum.merge(other.#sum);
    for (let t = 0; t < this.#correct.length; t++) this.#correct[t]! += other.#correct[t]!;
  }

  /**
   * The figures so far.
   *
   * @param options.count  denominator; default the expressions added. More than were added counts the rest as wrong, which
   *   is how a file that lacks rows is scored against the published size of its split.
   */
  result(options: { readonly count?: number } = {}): AccuracyResult {
    const count = options.count ?? this.#count;
    if (!Number.isInteger(count) || count < this.#count) {
      throw new ShapeError(
        { op: 'AccuracyAccumulator.result', argument: 'count', expected: [this.#count], actual: [count] },
        'The denominator cannot be smaller than the number of expressions added.',
      );
    }
    const percent = Array.from(this.#correct, (correct) => (100 * correct) / count);
    const byThreshold = (values: ArrayLike<number>) =>
      Object.fromEntries(this.thresholds.map((threshold, t) => [String(threshold), values[t]!]));
    return {
      count,
      accuracy: byThreshold(percent),
      correct: byThreshold(this.#correct),
      averageAccuracy: percent.reduce((sum, value) => sum + value, 0) / percent.length,
      meanIou: this.#sum.value / count,
    };
  }
}
