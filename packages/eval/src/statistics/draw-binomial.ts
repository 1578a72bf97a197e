import type { RandomStream } from './random.js';

/** Logarithms of 0!, 1!, …, 9!. */
const smallLogFactorials = Array.from({ length: 10 }, (_, n) => {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return Math.log(product);
});

/** log n!, by Stirling's series from n = 10 on, where its error is below 1e-10. */
function logFactorial(n: number): number {
  if (n < 10) return smallLogFactorials[n]!;
  const x = n + 1;
  const x2 = x * x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + (1 / 12 - (1 / 360 - 1 / (1260 * x2)) / x2) / x;
}

/** Below this mean the outcomes are counted up one by one. */
const smallMean = 10;

/**
 * A draw from the binomial distribution: successes of `trials` independent ones.
 *
 * @param trials  whole number from 0.
 * @param probability  of a success, in [0, 1].
 * @param next  uniform 32-bit integers.
 * @see Hörmann 1993, The Generation of Binomial Random Variates, algorithm BTRS (transformed rejection with squeeze)
 */
export function drawBinomial(trials: number, probability: number, next: RandomStream): number {
  if (trials === 0 || probability <= 0) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - drawBinomial(trials, 1 - probability, next);
  const uniform = () => (next() + 0.5) / 2 ** 32;
  const [n, p, q] = [trials, probability, 1 - probability];
  if (n * p < smallMean) {
    let left = uniform();
    let mass = q ** n;
    let k = 0;
    while (left > mass && k < n) {
      left -= mass;
      k++;
      mass *= ((n - k + 1) / k) * (p / q);
    }
    return k;
  }
  const deviation = Math.sqrt(n * p * q);
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const center = n * p + 0.5;
  const squeeze = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const logOdds = Math.log(p / q);
  const mode = Math.floor((n + 1) * p);
  const logMode = logFactorial(mode) + logFactorial(n - mode);
  for (;;) {
    const u = uniform() - 0.5;
    const v = uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + center);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= squeeze) return k;
    const bound = logMode - logFactorial(k) - logFactorial(n - k) + (k - mode) * logOdds;
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}
