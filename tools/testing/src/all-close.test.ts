import { describe, expect, it } from 'vitest';
import { compareAllClose } from './all-close.js';

describe('compareAllClose', () => {
  it('accepts equal values and infinities of the same sign', () => {
    expect(compareAllClose([1, Number.POSITIVE_INFINITY], [1, Number.POSITIVE_INFINITY]).pass).toBe(true);
  });
  it('refuses an infinity of the other sign, and NaN', () => {
    expect(compareAllClose([Number.NEGATIVE_INFINITY], [Number.POSITIVE_INFINITY]).pass).toBe(false);
    expect(compareAllClose([Number.NaN], [0]).pass).toBe(false);
    expect(compareAllClose([Number.NaN], [Number.NaN]).pass).toBe(false);
    expect(compareAllClose([Number.NaN], [Number.NaN], { equalNan: true }).pass).toBe(true);
    expect(compareAllClose([Number.NaN], [Number.POSITIVE_INFINITY], { equalNan: true }).pass).toBe(false);
  });
  it('compares shapes first', () => {
    const a = { data: [1, 2], shape: [1, 2] };
    expect(compareAllClose(a, { data: [1, 2], shape: [2, 1] }).message).toContain('shapes differ');
  });
  it('names the worst element', () => {
    const { pass, message } = compareAllClose([1, 2, 3.5], [1, 2.1, 3], { rtol: 1e-3 });
    expect(pass).toBe(false);
    expect(message).toContain('worst at 2');
  });
});
