import { expect, test } from 'vitest';
import { decodeHalvesBySimd, decodeHalvesByTable } from './decode-halves.js';

const by = (decode: typeof decodeHalvesBySimd | typeof decodeHalvesByTable, halves: Uint16Array) => {
  const target = new Float32Array(halves.length).fill(-7);
  expect(decode(halves, target)).not.toBe(false);
  return target;
};

test('SIMD and the table agree on every pattern, to the sign of zero', () => {
  const patterns = Uint16Array.from({ length: 1 << 16 }, (_, pattern) => pattern);
  const [fast, slow] = [by(decodeHalvesBySimd, patterns), by(decodeHalvesByTable, patterns)];
  for (const pattern of patterns)
    if (!Object.is(fast[pattern], slow[pattern])) expect(fast[pattern], String(pattern)).toBe(slow[pattern]);
  expect([fast[0x3c00], fast[0xc000], fast[1], fast[0x7bff], fast[0xfc00]]).toEqual([
    1,
    -2,
    2 ** -24,
    65504,
    Number.NEGATIVE_INFINITY,
  ]);
});

test.each([0, 1, 3, 4, 5, 16_383, 16_384, 16_385, 40_001])('decodes %i numbers, and no more', (length) => {
  const halves = Uint16Array.from({ length }, (_, i) => (i * 2654435761) >>> 17);
  expect(by(decodeHalvesBySimd, halves)).toEqual(by(decodeHalvesByTable, halves));
  const larger = new Float32Array(length + 1).fill(5);
  decodeHalvesBySimd(halves, larger);
  expect(larger[length]).toBe(5);
});
