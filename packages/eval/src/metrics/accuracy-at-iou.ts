import { AccuracyAccumulator } from './accuracy-accumulator.js';
import type { Comparator } from './comparator.js';

/** How {@link accuracyAtIou} counts. */
export interface AccuracyAtIouOptions {
  /** IoU in [0, 1]; default 0.5. */
  readonly threshold?: number;
  /** Default `'>'`, strict, as RefCLIP evaluates; `'>='` as TransVG and mmdetection do. */
  readonly comparator?: Comparator;
  /** Denominator; default the number of IoUs. More counts the rest as wrong. */
  readonly count?: number;
}

/**
 * Percent of expressions whose predicted box has an IoU above a threshold with the annotated one, `Acc@0.5`.
 *
 * Averaged per expression; NaN counts as wrong; NaN when there are no expressions.
 *
 * @param ious  `[N]`, one per expression, in [0, 1].
 * @example
 * accuracyAtIou([0.9, 0.5, 0.2, 0.7]); // 50
 * accuracyAtIou([0.9, 0.5, 0.2, 0.7], { comparator: '>=' }); // 75
 */
export function accuracyAtIou(ious: ArrayLike<number>, options: AccuracyAtIouOptions = {}): number {
  const { threshold = 0.5, comparator = '>', count = ious.length } = options;
  const accumulator = new AccuracyAccumulator({ thresholds: [threshold], comparator });
  accumulator.addAll(ious);
  return accumulator.result({ count }).accuracy[String(threshold)]!;
}
