import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { runLengthsArea, runLengthsIou } from './run-lengths-iou.js';
import { pixelsOfRunLengths, runLengthsOfPixels } from './run-lengths-pixels.js';

const [width, height] = [9, 7];
const mask = (seed: number) => Array.from(mulberry32(seed, width * height), (value) => Number(value < 0.4));

describe('run lengths', () => {
  it('come from pixels and go back, and their area is the pixels', () => {
    for (let seed = 0; seed < 20; seed++) {
      const pixels = mask(seed);
      const runs = runLengthsOfPixels(pixels, width, height);
      expect(runLengthsArea(runs)).toBe(pixels.reduce((sum, pixel) => sum + pixel, 0));
      expect([...pixelsOfRunLengths(runs, width, height)]).toEqual(pixels);
    }
  });

  it('go down the columns', () => {
    expect(runLengthsOfPixels([1, 0, 0, 1, 1, 0], 3, 2)).toEqual([0, 2, 1, 1, 2]);
    expect([...pixelsOfRunLengths([3, 1, 2], 2, 3)]).toEqual([0, 1, 0, 0, 0, 0]);
  });

  it('overlap as their pixels do', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [a, b] = [mask(seed), mask(seed + 100)];
      const both = a.filter((pixel, i) => pixel && b[i]).length;
      const either = a.filter((pixel, i) => pixel || b[i]).length;
      const [runsA, runsB] = [runLengthsOfPixels(a, width, height), runLengthsOfPixels(b, width, height)];
      expect(runLengthsIou(runsA, runsB)).toBe(both / either);
      expect(runLengthsIou(runsA, runsB, { crowd: true })).toBe(both / runLengthsArea(runsA));
    }
    expect(runLengthsIou([6], [6])).toBe(0);
    expect(runLengthsIou([0, 6], [0, 6])).toBe(1);
  });

  it('that are no image of that size are refused', () => {
    expect(() => pixelsOfRunLengths([3, 1], 2, 3)).toThrow(/expected \[6\]/);
    expect(() => runLengthsOfPixels([0, 1], 2, 3)).toThrow(/runLengthsOfPixels/);
  });
});
