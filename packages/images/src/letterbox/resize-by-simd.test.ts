import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { resizeByLoop } from './resize-by-loop.js';
import { resizeBySimd } from './resize-by-simd.js';
import { neighbors } from './resize-neighbors.js';

describe('resizeBySimd', () => {
  it.each([
    [1, 1, 5, 5, 5],
    [1, 30, 1, 16, 16],
    [23, 31, 6, 8, 8],
    [31, 23, 64, 47, 64],
    [64, 48, 41, 31, 41],
    [640, 480, 416, 312, 416],
    [2, 2, 2, 2, 4],
  ])('%i×%i → %i×%i in %i is the loop to the bit', (width, height, toWidth, toHeight, size) => {
    const source = Uint8Array.from(mulberry32(width * height, width * height * 3), (value) => Math.floor(value * 256));
    // The extremes, where a weight of 2²² meets 255.
    source.fill(255, 0, Math.ceil(source.length / 3));
    const across = neighbors(width, toWidth, 3);
    const down = neighbors(height, toHeight, 3 * width);
    const area = { left: (size - toWidth) >> 1, top: (size - toHeight) >> 1, size, padding: 127 };
    expect(resizeBySimd(source, across, down, area)).toEqual(resizeByLoop(source, across, down, area));
  });

  it('leaves very large images to the loop', () => {
    const source = new Uint8Array(5000 * 5000 * 3);
    const area = { left: 0, top: 0, size: 8, padding: 127 };
    expect(resizeBySimd(source, neighbors(5000, 8, 3), neighbors(5000, 8, 15000), area)).toBeUndefined();
  });
});
