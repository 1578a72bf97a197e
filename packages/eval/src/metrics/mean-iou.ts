import { FixedPointSum } from '../statistics/fixed-point-sum.js';

/**
 * Mean IoU over expressions, in [0, 1]. NaN counts as 0; NaN when there are no expressions.
 *
 * @param ious  `[N]`, one per expression.
 * @param options.count  denominator; default N. More counts the rest as IoU 0.
 */
export function meanIou(ious: ArrayLike<number>, options: { readonly count?: number } = {}): number {
  const sum = new FixedPointSum();
  for (let i = 0; i < ious.length; i++) sum.add(Number.isNaN(ious[i]!) ? 0 : ious[i]!);
  return sum.value / (options.count ?? ious.length);
}
