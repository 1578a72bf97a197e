import { describe, expect, it } from 'vitest';
import { CounterRandom, philox4x32 } from './counter-random.js';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

describe('philox4x32', () => {
  it('gives the published test vectors', () => {
    const hex = (words: number[]) => words.map((w) => w.toString(16).padStart(8, '0')).join(' ');
    expect(hex(philox4x32([0, 0, 0, 0], 0, 0))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    const ones = 0xffffffff;
    expect(hex(philox4x32([ones, ones, ones, ones], ones, ones))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(hex(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], 0xa4093822, 0x299f31d0))).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });
});

describe('CounterRandom', () => {
  it('gives the same numbers when asked again, and a prefix when asked for fewer', () => {
    const random = new CounterRandom(7).stream('a', 1);
    expect(random.uniform(10)).toEqual(random.uniform(10));
    expect(random.words(3)).toEqual(random.words(9).subarray(0, 3));
  });
  it('gives different numbers for other seeds and paths', () => {
    const first = (random: CounterRandom) => random.words(2).join();
    const all = [
      first(new CounterRandom(1)),
      first(new CounterRandom(2)),
      first(new CounterRandom(2 ** 40 + 1)),
      first(new CounterRandom(1).stream('a')),
      first(new CounterRandom(1).stream('b')),
      first(new CounterRandom(1).stream('a', 'b')),
      first(new CounterRandom(1).stream('b', 'a')),
      first(new CounterRandom(1).stream('ab')),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
  it('refuses a seed that is no non-negative integer', () => {
    expect(() => new CounterRandom(-1)).toThrow(RangeError);
    expect(() => new CounterRandom(1.5)).toThrow(RangeError);
  });
  it('draws uniform numbers with the right moments, within range', () => {
    const values = new CounterRandom(3).uniform(20000, -2, 4);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...values)).toBeLessThan(4);
    expect(Math.abs(mean(values) - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean(values.map((x) => (x - 1) ** 2)) - 3)).toBeLessThan(0.1);
  });
  it('draws normal numbers with the right moments, also an odd count', () => {
    const values = new CounterRandom(4).normal(20001, 1, 2);
    expect(values.length).toBe(20001);
    expect(Math.abs(mean(values) - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean(values.map((x) => (x - 1) ** 2)) - 4)).toBeLessThan(0.15);
    expect(Math.abs(mean(values.map((x) => (x - 1) ** 4)) - 48)).toBeLessThan(4);
  });
  it('permutes, with every place equally likely', () => {
    const counts = new Float64Array(25);
    for (let i = 0; i < 4000; i++) {
      const order = new CounterRandom(5).stream(i).permutation(5);
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
      order.forEach((value, place) => {
        counts[place * 5 + value] = (counts[place * 5 + value] as number) + 1;
      });
    }
    // 800 expected, standard deviation 25
    for (const count of counts) expect(Math.abs(count - 800)).toBeLessThan(125);
  });
  it('draws integers below a bound and flags with a probability', () => {
    const integers = new CounterRandom(6).integers(9000, 3);
    for (const value of [0, 1, 2]) {
      expect(Math.abs(integers.filter((x) => x === value).length - 3000)).toBeLessThan(225);
    }
    expect(Math.abs(mean(new CounterRandom(8).bernoulli(20000, 0.9)) - 0.9)).toBeLessThan(0.01);
    expect(mean(new CounterRandom(8).bernoulli(100, 1))).toBe(1);
    expect(mean(new CounterRandom(8).bernoulli(100, 0))).toBe(0);
  });
});
