import { expect } from 'vitest';
import { compareAllClose, type NumbersLike, type Tolerance } from './all-close.js';

expect.extend({
  toBeAllClose(actual: NumbersLike, expected: NumbersLike, tolerance?: Tolerance) {
    const { pass, message } = compareAllClose(actual, expected, tolerance);
    return { pass, message: () => message };
  },
});

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the type parameter must match vitest's own declaration
  interface Matchers<T = any> {
    /** Element-wise `|actual − expected| ≤ atol + rtol·|expected|`; shapes compared first. See `Tolerance` for defaults. */
    toBeAllClose(expected: NumbersLike, tolerance?: Tolerance): T;
  }
}
