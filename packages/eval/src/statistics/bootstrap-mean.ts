import { ConfigError, ShapeError } from '@refclip/structures';
import { createRandomStream } from './random.js';

/** How a bootstrap is drawn. */
export interface BootstrapOptions {
  /** Default 10,000. */
  readonly resamples?: number;
  /** Share of resamples inside the interval, in (0, 1); default 0.95. */
  readonly level?: number;
  /** Default 0. The same seed gives the same interval on every machine. */
  readonly seed?: number;
}

/** An estimate and how sure it is. */
export interface Interval {
  /** The mean of the sample itself. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  readonly level: number;
  readonly resamples: number;
  readonly seed: number;
}

/** Sums of the values and sizes of each cluster. @internal */
export function sumByCluster(values: ArrayLike<number>, clusters: ArrayLike<unknown> | undefined, op: string) {
  const length = values.length;
  if (clusters && clusters.length !== length) {
    throw new ShapeError({ op, argument: 'clusters', expected: [length], actual: [clusters.length] });
  }
  const places = new Map<unknown, number>();
  const [sums, sizes] = [new Float64Array(length), new Float64Array(length)];
  for (let i = 0; i < length; i++) {
    let place = i;
    if (clusters) {
      const known = places.get(clusters[i]);
      place = known ?? places.size;
      if (known === undefined) places.set(clusters[i], place);
    }
    sums[place]! += Number.isNaN(values[i]!) ? 0 : values[i]!;
    sizes[place]! += 1;
  }
  const count = clusters ? places.size : length;
  return { sums: sums.subarray(0, count), sizes: sizes.subarray(0, count) };
}

/** Means of resampled clusters, in the order drawn. @internal */
export function resampleMeans(
  { sums, sizes }: { readonly sums: Float64Array; readonly sizes: Float64Array },
  options: BootstrapOptions,
): Float64Array {
  const { resamples = 10_000, level = 0.95, seed = 0 } = options;
  const problems = [];
  if (!(Number.isInteger(resamples) && resamples > 0)) {
    problems.push({ path: 'resamples', problem: `expected a whole number from 1, got ${resamples}.` });
  }
  if (!(level > 0 && level < 1))
    problems.push({ path: 'level', problem: `expected a number in (0, 1), got ${level}.` });
  if (problems.length > 0) throw new ConfigError('bootstrap', problems);
  const next = createRandomStream(seed);
  const count = sums.length;
  const scale = count / 2 ** 32;
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let [sum, size] = [0, 0];
    for (let i = 0; i < count; i++) {
      const place = Math.floor(next() * scale);
      sum += sums[place]!;
      size += sizes[place]!;
    }
    means[r] = sum / size;
  }
  return means;
}

/** The interval that a share `level` of sorted numbers lies in, with linear interpolation between neighbors. @internal */
export function percentileInterval(sorted: Float64Array, level: number): { low: number; high: number } {
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
  };
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

/** Standard deviation with n − 1. @internal */
export function standardDeviation(values: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Number.NaN;
}

/**
 * Percentile bootstrap interval of a mean, resampling whole clusters.
 *
 * Expressions of one image stand or fall together, so images are drawn, not expressions; intervals over expressions alone
 * are too narrow. Give 100 or 0 per expression for an accuracy in percent.
 *
 * @param values  `[N]`; NaN counts as 0.
 * @param options.clusters  `[N]`, the image of each value; without it every value is drawn by itself.
 * @returns NaN everywhere when there are no values.
 * @throws {ShapeError} when lengths differ. {ConfigError} for an impossible level or number of resamples.
 * @see Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapters 8 and 13
 */
export function bootstrapMean(
  values: ArrayLike<number>,
  options: BootstrapOptions & { readonly clusters?: ArrayLike<unknown> | undefined } = {},
): Interval {
  const { resamples = 10_000, level = 0.95, seed = 0 } = options;
  const groups = sumByCluster(values, options.clusters, 'bootstrapMean');
  const means = resampleMeans(groups, options).sort();
  let total = 0;
  for (const sum of groups.sums) total += sum;
  const interval = percentileInterval(means, level);
  return {
    estimate: total / values.length,
    ...interval,
    standardError: standardDeviation(means),
    level,
    resamples,
    seed,
  };
}
