import { mulberry32 } from '@refclip/testing';
import { expect, it } from 'vitest';
import { FixedPointSum } from './fixed-point-sum.js';

function sumOf(values: Iterable<number>): FixedPointSum {
  const sum = new FixedPointSum();
  for (const value of values) sum.add(value);
  return sum;
}

it('adds multiples of 2^-52 exactly, as big integers do', () => {
  const values = Array.from(mulberry32(3, 5000), (u, i) => (u - 0.3) * (i % 100 === 0 ? 14 : 1)).map(
    (value) => Math.round(value * 2 ** 48) / 2 ** 48,
  );
  const exact = values.reduce((sum, value) => sum + BigInt(value * 2 ** 48), 0n);
  expect(sumOf(values).value).toBe(Number(exact) / 2 ** 48);
});

it('is the same in any order and grouping', () => {
  const values = [...mulberry32(4, 1000)];
  const forward = sumOf(values);
  const merged = sumOf(values.slice(500));
  merged.merge(sumOf(values.slice(0, 500).reverse()));
  expect(merged.value).toBe(forward.value);
});

it('is 0 of nothing', () => {
  expect(new FixedPointSum().value).toBe(0);
});

it('adds many as one by one, without NaN', () => {
  const values = [...mulberry32(8, 1000)].map((u, i) => (i % 9 === 0 ? Number.NaN : 20 * u - 3));
  const many = new FixedPointSum();
  many.addAll(values);
  expect(many.value).toBe(sumOf(values.filter((value) => !Number.isNaN(value))).value);
});
