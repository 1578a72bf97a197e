import { expect, test } from 'vitest';
import { warmupConstant } from './warmup-constant.js';

test('rises from 0 by equal amounts and reaches the rate one step after the warm-up', () => {
  // Four steps an epoch, three epochs: 1e-4·step/13.
  const rates = [0, 1, 6, 12, 13, 14, 1000].map((step) =>
    warmupConstant(step, { learningRate: 1e-4, warmupSteps: 12 }),
  );
  expect(rates).toBeAllClose([0, 1e-4 / 13, 6e-4 / 13, 12e-4 / 13, 1e-4, 1e-4, 1e-4], { rtol: 1e-12, atol: 0 });
});

test('gives the rates of the official RealGIN schedule at 100 steps per epoch', () => {
  // From the project's parity fixture of RealGIN (PyTorch); its last, of step 3000, is after the 30 epochs that are trained.
  const official: readonly (readonly [step: number, rate: number])[] = [
    [0, 0],
    [1, 3.3222591362126246e-7],
    [50, 1.6611295681063124e-5],
    [299, 9.933554817275748e-5],
    [300, 9.966777408637874e-5],
    [301, 1e-4],
    [302, 1e-4],
    [1500, 1e-4],
    [2999, 1e-4],
  ];
  for (const [step, rate] of official)
    expect([warmupConstant(step, { learningRate: 1e-4, warmupSteps: 300 })]).toBeAllClose([rate], {
      rtol: 1e-12,
      atol: 0,
    });
});
