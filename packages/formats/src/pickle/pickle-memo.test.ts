import { mulberry32 } from '@refclip/testing';
import { expect, it } from 'vitest';
import { PickleMemo } from './pickle-memo.js';

it('remembers as a map does, in any order', () => {
  const memo = new PickleMemo<number>();
  const map = new Map<number, number>();
  for (const [step, u] of mulberry32(3, 400).entries()) {
    // In order at first, then anywhere.
    const index = step < 50 ? step : Math.floor(u * 300);
    memo.set(index, step);
    map.set(index, step);
    expect(memo.size).toBe(map.size);
  }
  for (let index = 0; index < 310; index++) expect(memo.get(index)).toBe(map.get(index));
  memo.clear();
  expect([memo.size, memo.get(0), memo.get(299)]).toEqual([0, undefined, undefined]);
});
