import { ShapeError } from '@refclip/structures';

/** McNemar's test of two models on the same expressions. */
export interface McnemarResult {
  /** Expressions that both, only the first, only the second, and neither answer rightly. */
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
  /** Two-sided exact p value, in (0, 1]; 1 when the models never disagree. */
  readonly pValue: number;
}

/**
 * McNemar's exact test: are the disagreements of two models split as a fair coin would split them?
 *
 * `p = min(1, 2·P[X ≤ min(b, c)])`, X binomial(b + c, 1/2), b and c the expressions that only one model answers rightly. It
 * takes expressions for independent, which those of one image are not: read it beside the paired bootstrap by image.
 *
 * @param first  `[N]`, whether the first model is right (anything truthy).
 * @param second  `[N]`, the same expressions in the same order.
 * @throws {ShapeError} when lengths differ.
 * @see McNemar 1947, https://doi.org/10.1007/BF02295996; exact form: Edwards 1948
 */
export function mcnemarTest(first: ArrayLike<number | boolean>, second: ArrayLike<number | boolean>): McnemarResult {
  if (first.length !== second.length) {
    throw new ShapeError({ op: 'mcnemarTest', argument: 'second', expected: [first.length], actual: [second.length] });
  }
  let [both, onlyFirst, onlySecond, neither] = [0, 0, 0, 0];
  for (let i = 0; i < first.length; i++) {
    if (first[i] && second[i]) both++;
    else if (first[i]) onlyFirst++;
    else if (second[i]) onlySecond++;
    else neither++;
  }
  const trials = onlyFirst + onlySecond;
  return {
    both,
    onlyFirst,
    onlySecond,
    neither,
    pValue: Math.min(1, 2 * binomialTail(Math.min(onlyFirst, onlySecond), trials)),
  };
}

/** P[X ≤ k], X binomial(n, 1/2). In logarithms, since 2⁻ⁿ underflows from n = 1075 on. */
function binomialTail(k: number, n: number): number {
  let logTerm = -n * Math.LN2;
  // Terms relative to the largest, the last: log C(n, k) first, then downwards.
  for (let i = 1; i <= k; i++) logTerm += Math.log((n - i + 1) / i);
  let [sum, term] = [0, 1];
  for (let i = k; i >= 0 && term > 1e-18; i--) {
    sum += term;
    term *= i / (n - i + 1);
  }
  return Math.exp(logTerm + Math.log(sum));
}
