/** Normal quantile of a 95 % interval. */
const quantile = 1.959964;

/**
 * 95 % Wilson interval of a proportion whose values come in clusters: the sample counts for as many independent values as its
 * standard error says, `n' = p(1 − p) / se²`, at most n. Where the standard error is 0 because all values agree, n counts in full, so
 * that two right answers of two do not look certain.
 *
 * @param percent  the proportion in percent; NaN gives NaN.
 * @param standardError  of it, percent points, by cluster; NaN (a single cluster) counts as one value.
 * @param count  n, values in the sample.
 * @returns percent, inside [0, 100].
 * @see Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953; effective size as in Korn & Graubard 1998
 */
export function wilsonInterval(
  percent: number,
  standardError: number,
  count: number,
): { readonly low: number; readonly high: number } {
  const p = percent / 100;
  const effective = Number.isNaN(standardError)
    ? Math.min(1, count)
    : standardError === 0
      ? count
      : Math.min(count, (p * (1 - p)) / (standardError / 100) ** 2);
  const z2 = quantile ** 2;
  const center = (p + z2 / (2 * effective)) / (1 + z2 / effective);
  const half = (quantile / (1 + z2 / effective)) * Math.sqrt((p * (1 - p)) / effective + z2 / (4 * effective ** 2));
  return { low: 100 * Math.max(0, center - half), high: 100 * Math.min(1, center + half) };
}
