import { ConfigError, ShapeError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { expect, it } from 'vitest';
import { AccuracyAccumulator } from './accuracy-accumulator.js';
import type { Comparator } from './comparator.js';

// Many values fall exactly on thresholds, so that the comparator shows.
const ious = Array.from(mulberry32(7, 1000), (u) => (u < 0.5 ? Math.round(u * 40) / 20 : u * 1.02 - 0.01)).map((u) =>
  Math.min(Math.max(u, 0), 1),
);

/** The slow obvious reference. */
function reference(values: readonly number[], threshold: number, comparator: Comparator, count = values.length) {
  const right = values.filter((iou) => (comparator === '>' ? iou > threshold : iou >= threshold));
  return (100 * right.length) / count;
}

it.each<Comparator>(['>', '>='])('counts as a filter does, comparator %s', (comparator) => {
  const accumulator = new AccuracyAccumulator({ comparator });
  accumulator.addAll(ious);
  const { accuracy, averageAccuracy, count } = accumulator.result();
  const expected = accumulator.thresholds.map((threshold) => reference(ious, threshold, comparator));
  expect(accumulator.thresholds.map((threshold) => accuracy[threshold])).toEqual(expected);
  expect(averageAccuracy).toBeCloseTo(expected.reduce((a, b) => a + b) / 10, 12);
  expect(count).toBe(1000);
});

it('tells the comparators apart at the threshold', () => {
  const at = (comparator: Comparator) => {
    const accumulator = new AccuracyAccumulator({ thresholds: [0.5], comparator });
    accumulator.add(0.5);
    return accumulator.result().accuracy['0.5'];
  };
  expect(at('>')).toBe(0);
  expect(at('>=')).toBe(100);
});

it('merges shards in any order to exactly the result of one pass', () => {
  const whole = new AccuracyAccumulator();
  whole.addAll(ious);
  const shards = [ious.slice(0, 13), ious.slice(13, 700), [], ious.slice(700)].map((part) => {
    const shard = new AccuracyAccumulator();
    shard.addAll(part);
    return shard;
  });
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
  ]) {
    const merged = new AccuracyAccumulator();
    for (const i of order) merged.merge(shards[i]!);
    expect(merged.result()).toStrictEqual(whole.result());
  }
  const backwards = new AccuracyAccumulator();
  backwards.addAll([...ious].reverse());
  expect(backwards.result()).toStrictEqual(whole.result());
  expect(whole.result().meanIou).toBeCloseTo(ious.reduce((a, b) => a + b) / 1000, 14);
});

it('counts NaN as wrong and as IoU 0', () => {
  const accumulator = new AccuracyAccumulator({ thresholds: [0], comparator: '>=' });
  accumulator.addAll([Number.NaN, 1]);
  expect(accumulator.result()).toMatchObject({ count: 2, accuracy: { 0: 50 }, meanIou: 0.5 });
});

it('counts rows that a file lacks as wrong', () => {
  const accumulator = new AccuracyAccumulator({ thresholds: [0.5] });
  accumulator.addAll([0.9, 0.9, 0.1]);
  expect(accumulator.result({ count: 4 })).toMatchObject({ count: 4, accuracy: { '0.5': 50 }, correct: { '0.5': 2 } });
  expect(() => accumulator.result({ count: 2 })).toThrowError(ShapeError);
});

it('has nothing to say of no expressions', () => {
  expect(new AccuracyAccumulator().result().accuracy['0.5']).toBeNaN();
});

it('refuses thresholds outside [0, 1] and shards of another kind', () => {
  expect(() => new AccuracyAccumulator({ thresholds: [50] })).toThrowError(ConfigError);
  expect(() => new AccuracyAccumulator({ thresholds: [] })).toThrowError(ConfigError);
  const strict = new AccuracyAccumulator();
  expect(() => strict.merge(new AccuracyAccumulator({ comparator: '>=' }))).toThrowError(/different things/);
});
