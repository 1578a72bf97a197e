import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { decodeRunLengths, encodeRunLengths, polygonRunLengths, uniteRunLengths } from './run-lengths.js';

describe('run lengths', () => {
  const draw = (runs: readonly number[]) => runs.flatMap((run, index) => new Array<number>(run).fill(index % 2));
  const random = (seed: number, size: number) => {
    const u = mulberry32(seed, size);
    const bits = Array.from(u, (value) => Number(value < 0.4));
    const runs: number[] = [];
    let current = 0;
    let length = 0;
    for (const bit of bits) {
      if (bit !== current) {
        runs.push(length);
        [current, length] = [bit, 0];
      }
      length++;
    }
    return [...runs, length];
  };

  it('unite as a slow drawing does', () => {
    for (let seed = 0; seed < 30; seed++) {
      const [a, b] = [random(seed, 60), random(seed + 100, 60)];
      const pixelsB = draw(b);
      expect(draw(uniteRunLengths(a, b))).toEqual(draw(a).map((value, i) => value | (pixelsB[i] as number)));
    }
    expect(uniteRunLengths([12], [12])).toEqual([12]);
    expect(uniteRunLengths([0, 12], [5, 7])).toEqual([0, 12]);
  });

  it('come back from the compressed text', () => {
    for (let seed = 0; seed < 30; seed++)
      expect(decodeRunLengths(encodeRunLengths(random(seed, 500)))).toEqual(random(seed, 500));
    const long = [307_200, 1, 5, 1_000_000, 2];
    expect(decodeRunLengths(encodeRunLengths(long))).toEqual(long);
  });

  it('of a rectangle are its pixels', () => {
    expect(polygonRunLengths([1, 1, 3, 1, 3, 3, 1, 3], 5, 4)).toEqual([5, 2, 2, 2, 9]);
  });
});
