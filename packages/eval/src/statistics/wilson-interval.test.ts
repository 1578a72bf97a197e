import { describe, expect, it } from 'vitest';
import { clusteredMean } from './clustered-mean.js';
import { wilsonInterval } from './wilson-interval.js';

describe('wilsonInterval', () => {
  it('holds the proportions that a score test of 5 % does not refuse', () => {
    const [percent, count] = [70, 40];
    const se = 100 * Math.sqrt((0.7 * 0.3) / count);
    const { low, high } = wilsonInterval(percent, se, count);
    for (const bound of [low / 100, high / 100]) {
      expect(Math.abs(0.7 - bound) / Math.sqrt((bound * (1 - bound)) / count)).toBeCloseTo(1.959964, 6);
    }
  });
  it('is not certain of a few values that agree, nor of a single cluster', () => {
    const few = wilsonInterval(100, 0, 2);
    expect([few.low < 40, few.high]).toEqual([true, 100]);
    const single = wilsonInterval(100, Number.NaN, 500);
    expect([single.low < 25, single.high]).toEqual([true, 100]);
    expect(wilsonInterval(0, 0, 10).low).toBe(0);
    expect(wilsonInterval(Number.NaN, Number.NaN, 0).low).toBeNaN();
  });
});

describe('clusteredMean', () => {
  const values = [100, 0, 100, 100, 0, 0, 100];
  it('is the usual standard error when every cluster holds one value', () => {
    const { mean, standardError, count } = clusteredMean(
      values,
      values.map((_, i) => i),
    );
    const expected = values.reduce((sum, value) => sum + value, 0) / 7;
    const variance = values.reduce((sum, value) => sum + (value - expected) ** 2, 0) / 6;
    expect([count, mean]).toEqual([7, expected]);
    expect(standardError).toBeCloseTo(Math.sqrt(variance / 7), 10);
  });
  it('is larger when values of a cluster agree, and takes the rows it is told', () => {
    const doubled = values.flatMap((value) => [value, value]);
    const clusters = doubled.map((_, i) => Math.floor(i / 2));
    const once = clusteredMean(values, [0, 1, 2, 3, 4, 5, 6]);
    expect(clusteredMean(doubled, clusters).standardError).toBeCloseTo(once.standardError, 10);
    const rows = doubled.map((_, i) => i).filter((i) => i % 2 === 0);
    expect(clusteredMean(doubled, clusters, rows)).toEqual(once);
    expect(clusteredMean([100, 0], [4, 4]).standardError).toBeNaN();
    expect(clusteredMean([], []).mean).toBeNaN();
  });
});
