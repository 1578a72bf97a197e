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
 * @param clusters  `[N]`, the image of each.
 * @param rows  places to take; default all.
 * @returns NaN without any row.
 * @see Cochran 1977, Sampling Techniques, section 11.8 (ratio to size of clusters)
 */
export function clusteredMean(
  values: ArrayLike<number>,
  clusters: ArrayLike<number>,
  rows: ArrayLike<number> | undefined = undefined,
): ClusteredMean {
  const count = rows?.length ?? values.length;
  const place = (i: number) => (rows ? rows[i]! : i);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[place(i)]!;
  const mean = sum / count;
  const residuals = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const cluster = clusters[place(i)]!;
    residuals.set(cluster, (residuals.get(cluster) ?? 0) + values[place(i)]! - mean);
  }
  let squares = 0;
  for (const residual of residuals.values()) squares += residual ** 2;
  const size = residuals.size;
  return { count, mean, standardError: size < 2 ? Number.NaN : Math.sqrt((squares * size) / (size - 1)) / count };
}
