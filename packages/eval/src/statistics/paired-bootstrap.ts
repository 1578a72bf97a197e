import { ShapeError } from '@refclip/structures';
import {
  type BootstrapOptions,
  type Interval,
  percentileInterval,
  resampleMeans,
  standardDeviation,
  sumByCluster,
} from './bootstrap-mean.js';

/** A difference of two means, how sure it is, and how likely so large a one is when there is none. */
export interface PairedInterval extends Interval {
  /** Two-sided: twice the smaller share of resamples on one side of 0, (1 + number) / (1 + resamples), at most 1. */
  readonly pValue: number;
}

/**
 * Paired bootstrap of `mean(a) − mean(b)` for two models on the same expressions, resampling whole clusters (images).
 *
 * @param a  `[N]`, e.g. 100 or 0 per expression; NaN counts as 0.
 * @param b  `[N]`, the same expressions in the same order.
 * @param options.clusters  `[N]`, the image of each expression; without it every expression is drawn by itself.
 * @throws {ShapeError} when lengths differ.
 * @see Koehn 2004, Statistical Significance Tests for Machine Translation Evaluation, section 4
 */
export function pairedBootstrap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: BootstrapOptions & { readonly clusters?: ArrayLike<unknown> | undefined } = {},
): PairedInterval {
  if (a.length !== b.length) {
    throw new ShapeError({ op: 'pairedBootstrap', argument: 'b', expected: [a.length], actual: [b.length] });
  }
  const { level = 0.95, seed = 0 } = options;
  const known = (value: number) => (Number.isNaN(value) ? 0 : value);
  const differences = Float64Array.from(a, (value, i) => known(value) - known(b[i]!));
  const groups = sumByCluster(differences, options.clusters, 'pairedBootstrap');
  const means = resampleMeans(groups, options).sort();
  let [below, above, total] = [0, 0, 0];
  for (const mean of means) {
    if (mean <= 0) below++;
    if (mean >= 0) above++;
  }
  for (const sum of groups.sums) total += sum;
  return {
    estimate: total / a.length,
    ...percentileInterval(means, level),
    standardError: standardDeviation(means),
    level,
    resamples: means.length,
    seed,
    pValue: Math.min(1, (2 * (1 + Math.min(below, above))) / (1 + means.length)),
  };
}
