import { expect, test } from 'vitest';
import { warmupConstant } from './warmup-constant.js';

test('rises from 0 by equal amounts and reaches the rate one step after the warm-up', () => {
  // Four steps an epoch, three epochs: 1e-4·step/13.
  const rates = [0, 1, 6, 12, 13, 14, 1000].map((step) =>
    warmupConstant(step, { learningRate: 1e-4, warmupSteps: 12 }),
  );
  expect(rates).toBeAllClose([0, 1e-4 / 13, 6e-4 / 13, 12e-4 / 13, 1e-4, 1e-4, 1e-4], { rtol: 1e-12, atol: 0 });
});
