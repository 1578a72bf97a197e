import { ShapeError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { accuracyAtIou } from './accuracy-at-iou.js';
import { averageByGroup } from './average-by-group.js';
import { centerAccuracy } from './center-accuracy.js';
import { meanIou } from './mean-iou.js';
import { topKAccuracy } from './top-k-accuracy.js';

const ious = Array.from(mulberry32(11, 200), (u) => Math.round(u * 20) / 20);

describe('accuracyAtIou', () => {
  it('is the percentage that passes', () => {
    expect(accuracyAtIou([0.9, 0.5, 0.2, 0.7])).toBe(50);
    expect(accuracyAtIou([0.9, 0.5, 0.2, 0.7], { comparator: '>=' })).toBe(75);
    expect(accuracyAtIou([0.9, 0.5, 0.2, 0.7], { threshold: 0.1, count: 8 })).toBe(50);
    expect(accuracyAtIou([Number.NaN])).toBe(0);
    expect(accuracyAtIou([])).toBeNaN();
  });
});

describe('meanIou', () => {
  it('is the mean, with NaN as 0', () => {
    expect(meanIou(ious)).toBeCloseTo(ious.reduce((a, b) => a + b) / 200, 14);
    expect(meanIou([1, Number.NaN])).toBe(0.5);
    expect(meanIou([1], { count: 4 })).toBe(0.25);
    expect(meanIou([])).toBeNaN();
  });
});

describe('topKAccuracy', () => {
  it('equals looking at each expression', () => {
    const table = Float64Array.from(mulberry32(12, 60 * 5), (u, i) => (i % 5 > 2 && u < 0.4 ? Number.NaN : u));
    for (const k of [1, 2, 3, 5, 9]) {
      const rows = Array.from({ length: 60 }, (_, i) => [...table.slice(5 * i, 5 * i + 5)].slice(0, k));
      const right = rows.filter((row) => row.some((iou) => iou > 0.7)).length;
      expect(topKAccuracy(table, 5, { k, threshold: 0.7 })).toBeCloseTo((100 * right) / 60, 12);
    }
  });
  it('is 0 for expressions without any box', () => {
    expect(topKAccuracy([Number.NaN, Number.NaN], 2, { k: 2, threshold: 0, comparator: '>=' })).toBe(0);
  });
  it('refuses broken rows and k', () => {
    expect(() => topKAccuracy([1, 2, 3], 2, { k: 1 })).toThrowError(ShapeError);
    expect(() => topKAccuracy([1, 2], 2, { k: 0 })).toThrowError(ShapeError);
  });
});

describe('centerAccuracy', () => {
  it('asks where the center lies; near edges are inside, far ones are not', () => {
    const truth = [10, 10, 20, 20];
    const centers = [
      [15, 15],
      [10, 10],
      [20, 15],
      [15, 20],
      [9.9, 15],
      [Number.NaN, 15],
    ];
    const predictions = Float64Array.from(centers.flatMap(([x, y]) => [x! - 3, y! - 8, x! + 3, y! + 8]));
    expect(centerAccuracy(predictions, Float64Array.from(centers.flatMap(() => truth)))).toBeCloseTo((100 * 2) / 6, 12);
    expect(centerAccuracy(Float64Array.of(0, 0, 4, 4), Float64Array.of(2, 2, 2, 2))).toBe(0);
    expect(() => centerAccuracy(predictions, Float64Array.from(truth))).toThrowError(ShapeError);
  });
});

describe('averageByGroup', () => {
  it('equals filtering each group', () => {
    const groups = ious.map((_, i) => `image ${((i * 7) % 13) % 4}`);
    const { groups: averages, macroAverage } = averageByGroup(ious, groups);
    const expected = [...new Set(groups)].map((group) => {
      const own = ious.filter((_, i) => groups[i] === group);
      return { group, count: own.length, mean: own.reduce((a, b) => a + b) / own.length };
    });
    expect(averages.map((a) => [a.group, a.count])).toEqual(expected.map((e) => [e.group, e.count]));
    expect(averages.map((a) => a.mean)).toBeAllClose(
      expected.map((e) => e.mean),
      { rtol: 1e-13 },
    );
    expect(macroAverage).toBeCloseTo(expected.reduce((sum, e) => sum + e.mean, 0) / expected.length, 13);
  });
  it('weighs a group of one like a group of many', () => {
    expect(averageByGroup([100, 0, 0, 0], ['a', 'b', 'b', 'b']).macroAverage).toBe(50);
    expect(averageByGroup([], []).macroAverage).toBeNaN();
    expect(() => averageByGroup([1], [])).toThrowError(ShapeError);
  });
});
