/** How often values fall into bins; the last bin takes everything above. */
export interface Histogram {
  /** Lower edge of each bin, ascending; a value v is in the last bin whose edge is ≤ v. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** @param edges  ascending; a value below the first counts in the first bin. */
export function countHistogram(values: Iterable<number>, edges: readonly number[]): Histogram {
  const counts = new Array<number>(edges.length).fill(0);
  for (const value of values) {
    let bin = 0;
    while (bin + 1 < edges.length && value >= (edges[bin + 1] as number)) bin++;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { edges, counts };
}
