import { FixedPointSum } from '../statistics/fixed-point-sum.js';
import { type Comparator, passes } from './comparator.js';
import type { BoxSetMatch } from './match-box-sets.js';

/** Generalized REC over expressions with none, one or many targets. A figure without any expression to count is NaN. */
export interface GeneralizedResult {
  readonly count: number;
  /** Percent of expressions with F1 = 1: Pr@(F1=1, IoU≥0.5) of gRefCOCO. */
  readonly perfect: number;
  /** Mean F1 over expressions, percent. */
  readonly meanF1: number;
  /** Percent of no-target expressions for which the model predicts nothing (N-acc.). */
  readonly noTargetAccuracy: number;
  /** Percent of expressions with targets for which the model predicts something (T-acc.). */
  readonly targetAccuracy: number;
}

type Counts = Record<'all' | 'perfect' | 'noTarget' | 'saidNothing' | 'target' | 'saidSomething', number>;

/**
 * The metrics of generalized referring expression comprehension (gRefCOCO); shards merge exactly.
 *
 * Per expression `F1 = 2·TP / (predictions + truths)` with TP the matched pairs whose IoU passes the threshold; without
 * targets F1 is 1 when nothing is predicted and 0 otherwise.
 *
 * @see He et al. 2023, GREC, https://arxiv.org/abs/2308.16182, section 4: threshold 0.5, comparator `>=`.
 */
export class GeneralizedAccumulator {
  readonly threshold: number;
  readonly comparator: Comparator;
  readonly #f1 = new FixedPointSum();
  // Expressions: all, perfect, without target, of them answered with nothing, with target, of them answered with something.
  readonly #counts: Counts = { all: 0, perfect: 0, noTarget: 0, saidNothing: 0, target: 0, saidSomething: 0 };

  constructor(options: { readonly threshold?: number; readonly comparator?: Comparator } = {}) {
    this.threshold = options.threshold ?? 0.5;
    this.comparator = options.comparator ?? '>=';
  }

  /** Adds one expression. @returns its F1 in [0, 1]. */
  add(match: BoxSetMatch): number {
    const boxes = match.predictions + match.truths;
    const found = match.ious.filter((iou) => passes(iou, this.threshold, this.comparator)).length;
    const f1 = boxes === 0 ? 1 : (2 * found) / boxes;
    this.#f1.add(f1);
    this.#counts.all++;
    if (f1 === 1) this.#counts.perfect++;
    if (match.truths === 0) {
      this.#counts.noTarget++;
      if (match.predictions === 0) this.#counts.saidNothing++;
    } else {
      this.#counts.target++;
      if (match.predictions > 0) this.#counts.saidSomething++;
    }
    return f1;
  }

  /** Adds all of another accumulator; the other is unchanged. */
  merge(other: GeneralizedAccumulator): void {
    this.#f1.merge(other.#f1);
    for (const key of Object.keys(this.#counts) as (keyof Counts)[]) this.#counts[key] += other.#counts[key];
  }

  result(): GeneralizedResult {
    const counts = this.#counts;
    return {
      count: counts.all,
      perfect: (100 * counts.perfect) / counts.all,
      meanF1: (100 * this.#f1.value) / counts.all,
      noTargetAccuracy: (100 * counts.saidNothing) / counts.noTarget,
      targetAccuracy: (100 * counts.saidSomething) / counts.target,
    };
  }
}
