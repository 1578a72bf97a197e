import { describe, expect, it } from 'vitest';
import { boxIou, clipBox, cxcywhToXyxy, xywhToXyxy, xyxyToCxcywh, xyxyToXywh } from './boxes.js';

describe('box formats', () => {
  it('convert to corners and back', () => {
    expect(xywhToXyxy([10, 20, 30, 40])).toEqual([10, 20, 40, 60]);
    expect(xyxyToXywh([10, 20, 40, 60])).toEqual([10, 20, 30, 40]);
    expect(cxcywhToXyxy([25, 40, 30, 40])).toEqual([10, 20, 40, 60]);
    expect(xyxyToCxcywh([10, 20, 40, 60])).toEqual([25, 40, 30, 40]);
  });
  it('clip to the image, empty when outside', () => {
    expect(clipBox([-5, 5, 50, 200], 40, 100)).toEqual([0, 5, 40, 100]);
    expect(clipBox([50, 0, 60, 10], 40, 100)).toEqual([40, 0, 40, 10]);
  });
});

describe('boxIou', () => {
  it('is 1 for a box and itself, 1/7 for the textbook pair', () => {
    expect(boxIou([0, 0, 2, 2], [0, 0, 2, 2])).toBe(1);
    expect(boxIou([0, 0, 2, 2], [1, 1, 3, 3])).toBeCloseTo(1 / 7, 15);
  });
  it('is 0 for disjoint, touching and empty boxes', () => {
    expect(boxIou([0, 0, 1, 1], [5, 5, 6, 6])).toBe(0);
    expect(boxIou([0, 0, 1, 1], [1, 0, 2, 1])).toBe(0);
    expect(boxIou([0, 0, 0, 5], [0, 0, 1, 1])).toBe(0);
    expect(boxIou([3, 3, 1, 1], [0, 0, 4, 4])).toBe(0);
  });
  it('is NaN when a coordinate is', () => {
    expect(boxIou([Number.NaN, 0, 1, 1], [0, 0, 1, 1])).toBeNaN();
  });
});
