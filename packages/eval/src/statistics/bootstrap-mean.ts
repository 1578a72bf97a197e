import { ConfigError, ShapeError } from '@refclip/structures';
import { drawBinomial } from './draw-binomial.js';
import { createRandomStream, type RandomStream } from './random.js';

/** How a bootstrap is drawn. */
export interface BootstrapOptions {
  /** Default 10,000. */
  readonly resamples?: number;
  /** Share of resamples inside the interval, in (0, 1); default 0.95. */
  readonly level?: number;
  /** Default 0. The same seed gives the same interval on every machine. */
  readonly seed?: number;
  /** Most clusters drawn over all resamples; where more are needed fewer resamples are made, at least 100. Default: no limit. */
  readonly mostDraws?: number;
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
  const kinds = kindsOf(sums, sizes);
  if (kinds) return resampleKinds(kinds, sums.length, resamples, next);
  const affordable = Math.max(
    100,
    Math.floor((options.mostDraws ?? Number.POSITIVE_INFINITY) / Math.max(1, sums.length)),
  );
  return resampleClusters(sums, sizes, Math.min(resamples, affordable), next);
}

/** Draws clusters one by one. */
function resampleClusters(
  sums: Float64Array,
  sizes: Float64Array,
  resamples: number,
  next: RandomStream,
): Float64Array {
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

/** Clusters of equal sum and size. */
interface ClusterKind {
  readonly sum: number;
  readonly size: number;
  count: number;
}

/** Clusters per kind, on average, from which on drawing the kinds pays. */
const worthwhile = 64;

/** The kinds of the clusters, or nothing when they are too many. */
function kindsOf(sums: Float64Array, sizes: Float64Array): readonly ClusterKind[] | undefined {
  const most = Math.floor(sums.length / worthwhile);
  const kinds = new Map<number, Map<number, ClusterKind>>();
  const found: ClusterKind[] = [];
  for (let i = 0; i < sums.length; i++) {
    let ofSize = kinds.get(sizes[i]!);
    if (!ofSize) {
      ofSize = new Map();
      kinds.set(sizes[i]!, ofSize);
    }
    const known = ofSize.get(sums[i]!);
    if (known) {
      known.count++;
      continue;
    }
    if (found.length === most) return undefined;
    const kind = { sum: sums[i]!, size: sizes[i]!, count: 1 };
    ofSize.set(kind.sum, kind);
    found.push(kind);
  }
  return found.length > 0 ? found : undefined;
}

/**
 * Draws how many clusters of each kind are in a resample: the same distribution as drawing them one by one (multinomial), for a cost that
 * does not grow with their number.
 */
function resampleKinds(
  kinds: readonly ClusterKind[],
  count: number,
  resamples: number,
  next: RandomStream,
): Float64Array {
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let [sum, size, left, clusters] = [0, 0, count, count];
    for (const kind of kinds) {
      const drawn = drawBinomial(left, kind.count / clusters, next);
      sum += drawn * kind.sum;
      size += drawn * kind.size;
      left -= drawn;
      clusters -= kind.count;
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
  const { level = 0.95, seed = 0 } = options;
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
    resamples: means.length,
    seed,
  };
}
