import { ConfigError, ShapeError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { bootstrapMean } from './bootstrap-mean.js';
import { mcnemarTest } from './mcnemar-test.js';
import { pairedBootstrap } from './paired-bootstrap.js';
import { createRandomStream } from './random.js';
import { summarizeSeeds } from './summarize-seeds.js';

const count = 600;
const u = mulberry32(21, 4 * count);
const images = Array.from({ length: count }, (_, i) => Math.floor(u[i]! * 90));
// Expressions of one image share their luck.
const luck = mulberry32(22, 90);
const a: readonly number[] = Array.from({ length: count }, (_, i) =>
  u[count + i]! < 0.3 + 0.6 * luck[images[i]!]! ? 100 : 0,
);
const b = a.map((value, i) => (u[2 * count + i]! < 0.15 ? 100 - value : value));

/** The slow obvious reference: draws images, gathers their expressions, averages them, sorts, takes quantiles. */
function reference(
  values: readonly number[],
  clusters: readonly number[],
  resamples: number,
  level: number,
  seed: number,
) {
  const next = createRandomStream(seed);
  const names = [...new Set(clusters)];
  const means: number[] = [];
  for (let r = 0; r < resamples; r++) {
    const drawn = names.map(() => names[Math.floor((next() / 2 ** 32) * names.length)]!);
    const gathered = drawn.flatMap((name) => values.filter((_, i) => clusters[i] === name));
    means.push(gathered.reduce((x, y) => x + y) / gathered.length);
  }
  means.sort((x, y) => x - y);
  const quantile = (q: number) => {
    const place = q * (resamples - 1);
    const [low, high] = [means[Math.floor(place)]!, means[Math.ceil(place)]!];
    return low + (place - Math.floor(place)) * (high - low);
  };
  return { low: quantile((1 - level) / 2), high: quantile((1 + level) / 2), means };
}

describe('bootstrapMean', () => {
  it('equals gathering the expressions of drawn images', () => {
    const interval = bootstrapMean(a, { clusters: images, resamples: 200, level: 0.9, seed: 5 });
    const expected = reference(a, images, 200, 0.9, 5);
    expect(interval.estimate).toBeCloseTo(a.reduce((x, y) => x + y) / count, 12);
    expect([interval.low, interval.high]).toBeAllClose([expected.low, expected.high], { rtol: 1e-12 });
  });
  it('has the standard error of theory when values are independent', () => {
    const values: readonly number[] = Array.from(mulberry32(23, 2000), (v) => (v < 0.6 ? 100 : 0));
    const p = values.reduce((x, y) => x + y) / 2000 / 100;
    const { standardError, low, high, estimate } = bootstrapMean(values, { resamples: 4000 });
    const theory = 100 * Math.sqrt((p * (1 - p)) / 2000);
    // 4,000 resamples know a standard error to about 1 %; 5 % is far outside chance.
    expect(standardError / theory).toBeGreaterThan(0.95);
    expect(standardError / theory).toBeLessThan(1.05);
    expect((high - low) / (2 * 1.96 * theory)).toBeGreaterThan(0.93);
    expect((high - low) / (2 * 1.96 * theory)).toBeLessThan(1.07);
    expect(low).toBeLessThan(estimate);
  });
  it('is wider by image than by expression when images share their luck', () => {
    const [byImage, single] = [bootstrapMean(a, { clusters: images }), bootstrapMean(a)];
    expect(byImage.standardError).toBeGreaterThan(1.2 * single.standardError);
  });
  it('is the same for the same seed, and depends on the seed', () => {
    const run = (seed: number) => bootstrapMean(a, { clusters: images, resamples: 300, seed });
    expect(run(1)).toStrictEqual(run(1));
    expect(run(1).low).not.toBe(run(2).low);
  });
  it('has no spread when all values are equal and nothing to say of nothing', () => {
    expect(bootstrapMean([100, 100, 100])).toMatchObject({ estimate: 100, low: 100, high: 100, standardError: 0 });
    expect(bootstrapMean([]).low).toBeNaN();
  });
  it('refuses impossible options', () => {
    expect(() => bootstrapMean([1], { level: 95 })).toThrowError(ConfigError);
    expect(() => bootstrapMean([1], { resamples: 0 })).toThrowError(ConfigError);
    expect(() => bootstrapMean([1], { clusters: [] })).toThrowError(ShapeError);
  });
});

describe('pairedBootstrap', () => {
  it('equals the reference on the differences', () => {
    const differences = a.map((value, i) => value - b[i]!);
    const expected = reference(differences, images, 200, 0.95, 3);
    const result = pairedBootstrap(a, b, { clusters: images, resamples: 200, seed: 3 });
    expect([result.low, result.high]).toBeAllClose([expected.low, expected.high], { rtol: 1e-12 });
    const below = expected.means.filter((mean) => mean <= 0).length;
    const above = expected.means.filter((mean) => mean >= 0).length;
    expect(result.pValue).toBeCloseTo(Math.min(1, (2 * (1 + Math.min(below, above))) / 201), 12);
  });
  it('turns its sign with the models', () => {
    const [forward, backward] = [
      pairedBootstrap(a, b, { clusters: images }),
      pairedBootstrap(b, a, { clusters: images }),
    ];
    expect(backward.estimate).toBe(-forward.estimate);
    expect(backward.low).toBeCloseTo(-forward.high, 10);
    expect(backward.pValue).toBeCloseTo(forward.pValue, 12);
  });
  it('finds nothing between a model and itself, and much between good and bad', () => {
    expect(pairedBootstrap(a, a)).toMatchObject({ estimate: 0, low: 0, high: 0, pValue: 1 });
    const good = a.map((_, i) => (i % 10 ? 100 : 0));
    expect(pairedBootstrap(good, a, { clusters: images }).pValue).toBeLessThan(0.001);
    expect(() => pairedBootstrap(a, [1])).toThrowError(ShapeError);
  });
});

describe('mcnemarTest', () => {
  /** Sum of big-integer binomials: exact. */
  function exact(k: number, n: number): number {
    let [tail, term] = [0n, 1n];
    for (let i = 0; i <= k; i++) {
      tail += term;
      term = (term * BigInt(n - i)) / BigInt(i + 1);
    }
    const scaled = (tail * 2n * 10n ** 40n) / 2n ** BigInt(n);
    return Math.min(1, Number(scaled) / 1e40);
  }
  const outcome = (onlyFirst: number, onlySecond: number) => {
    const first = [...Array(onlyFirst).fill(1), ...Array(onlySecond).fill(0), 1, 0];
    const second = [...Array(onlyFirst).fill(0), ...Array(onlySecond).fill(1), 1, 0];
    return mcnemarTest(first, second);
  };
  it.each([
    [0, 0],
    [1, 0],
    [5, 5],
    [3, 12],
    [12, 3],
    [40, 70],
    [430, 512],
    [1500, 1400],
  ])('is exact for %i against %i', (p, q) => {
    const result = outcome(p, q);
    expect(result).toMatchObject({ both: 1, neither: 1, onlyFirst: p, onlySecond: q });
    expect([result.pValue]).toBeAllClose([exact(Math.min(p, q), p + q)], { rtol: 1e-10, atol: 1e-30 });
  });
  it('refuses other lengths', () => {
    expect(() => mcnemarTest([1], [])).toThrowError(ShapeError);
  });
});

describe('summarizeSeeds', () => {
  it('is mean and sample standard deviation', () => {
    const summary = summarizeSeeds([60, 62, 61]);
    expect(summary).toMatchObject({ count: 3, mean: 61, minimum: 60, maximum: 62 });
    expect(summary.standardDeviation).toBeCloseTo(1, 12);
    expect(summarizeSeeds([60]).standardDeviation).toBeNaN();
    expect(summarizeSeeds([]).mean).toBeNaN();
  });
});

describe('createRandomStream', () => {
  it('is even in its mean, bits and pairs', () => {
    const next = createRandomStream(1);
    const cells = new Float64Array(64);
    const draws = 64_000;
    for (let i = 0; i < draws; i++) cells[Math.floor(next() / 2 ** 29) * 8 + Math.floor(next() / 2 ** 29)]!++;
    // Chi square with 63 degrees of freedom lies below 120 but for 2 in 100,000 seeds.
    expect(cells.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(120);
    expect(createRandomStream(1)()).not.toBe(createRandomStream(2)());
  });
});
