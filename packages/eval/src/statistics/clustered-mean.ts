import { ClusterResiduals } from './cluster-residuals.js';

/** A mean with its standard error. */
export interface ClusteredMean {
  readonly count: number;
  readonly mean: number;
  /** Taking whole clusters for independent; NaN for a single cluster. */
  readonly standardError: number;
}

/**
 * Mean of some values with the cluster-robust (linearized) standard error of a ratio: expressions of one image are not independent.
 *
 * `se² = G/(G − 1) · Σ_g (Σ_{i∈g} (x_i − mean))² / n²`, G clusters g, n values x.
 *
 * @param values  `[N]`, e.g. 100 or 0 per expression.
 * @param clusters  `[N]`, the image of each, a whole number from 0.
 * @param rows  places to take; default all.
 * @param residuals  room for the residuals; cleared first. Give one where many groups are averaged.
 * @returns NaN without any row.
 * @see Cochran 1977, Sampling Techniques, section 11.8 (ratio to size of clusters)
 */
export function clusteredMean(
  values: ArrayLike<number>,
  clusters: ArrayLike<number>,
  rows: ArrayLike<number> | undefined = undefined,
  residuals = new ClusterResiduals(clusters),
): ClusteredMean {
  residuals.clear();
  const count = rows?.length ?? values.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[rows ? rows[i]! : i]!;
  const mean = sum / count;
  for (let i = 0; i < count; i++) {
    const row = rows ? rows[i]! : i;
    residuals.add(clusters[row]!, values[row]!, mean);
  }
  const size = residuals.size;
  const standardError = size < 2 ? Number.NaN : Math.sqrt((residuals.sumOfSquares() * size) / (size - 1)) / count;
  return { count, mean, standardError };
}
