import { expect, it } from 'vitest';
import { bootstrapMean } from './bootstrap-mean.js';
import { clusteredMean } from './clustered-mean.js';
import { drawBinomial } from './draw-binomial.js';
import { createRandomStream } from './random.js';

/** Probabilities of 0 … n, by their recurrence. */
function masses(n: number, p: number): number[] {
  if (p > 0.5) return masses(n, 1 - p).reverse();
  const result = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) result.push((result[k - 1]! * (n - k + 1) * p) / (k * (1 - p)));
  return result;
}

it.each([
  [12, 0.3],
  [40, 0.5],
  [300, 0.04],
  [300, 0.93],
])('has the probabilities of n=%i p=%d', (n, p) => {
  const draws = 60_000;
  const next = createRandomStream(n);
  const counts = new Float64Array(n + 1);
  for (let i = 0; i < draws; i++) counts[drawBinomial(n, p, next)]!++;
  const expected = masses(n, p).map((mass) => mass * draws);
  const cells = expected.flatMap((value, k) => (value >= 10 ? [(counts[k]! - value) ** 2 / value] : []));
  expect(cells.length).toBeGreaterThan(8);
  const freedom = cells.length - 1;
  // Five standard deviations of a chi square, once for each of four fixed seeds.
  expect(cells.reduce((sum, cell) => sum + cell, 0)).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom));
});

it('knows the certain cases', () => {
  const next = createRandomStream(1);
  expect([drawBinomial(0, 0.5, next), drawBinomial(9, 0, next), drawBinomial(9, 1, next)]).toEqual([0, 0, 9]);
});

it('resamples many alike clusters as theory has it', () => {
  // 12,000 images of one to three expressions, all right or all wrong, more often right where there are more.
  const images: number[] = [];
  const values: number[] = [];
  const next = createRandomStream(4);
  for (let image = 0; image < 12_000; image++) {
    const size = 1 + (image % 3);
    const value = next() / 2 ** 32 < 0.3 + 0.15 * size ? 100 : 0;
    for (let i = 0; i < size; i++) {
      images.push(image);
      values.push(value);
    }
  }
  const { estimate, standardError, low, high, resamples } = bootstrapMean(values, { clusters: images, mostDraws: 1 });
  const theory = clusteredMean(values, images);
  expect(resamples).toBe(10_000);
  expect(estimate).toBeCloseTo(theory.mean, 10);
  // 10,000 resamples know a standard error to 0.7 %.
  expect(standardError / theory.standardError).toBeGreaterThan(0.97);
  expect(standardError / theory.standardError).toBeLessThan(1.03);
  expect((high - low) / (2 * 1.96 * theory.standardError)).toBeGreaterThan(0.95);
  expect((high - low) / (2 * 1.96 * theory.standardError)).toBeLessThan(1.05);
  expect(Math.abs((high + low) / 2 - estimate)).toBeLessThan(0.1 * theory.standardError);
});

it('draws fewer resamples of unlike clusters when told to', () => {
  const values = Float64Array.from({ length: 5000 }, (_, i) => (i * 7919) % 5000);
  expect(bootstrapMean(values, { mostDraws: 1e6 }).resamples).toBe(200);
  expect(bootstrapMean(values, { resamples: 150, mostDraws: 1e6 }).resamples).toBe(150);
  expect(bootstrapMean(values, { mostDraws: 1 }).resamples).toBe(100);
});
