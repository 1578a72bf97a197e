import type { WarmupCosineOptions } from './warmup-cosine.js';

/**
 * The learning rate of a step as RealGIN's released code has it: `learningRate·step/(warmup + 1)` up to the last step of the warm-up, then `learningRate`.
 * The first step has rate 0.
 *
 * @param step  counted from 0.
 */
export function warmupConstant(
  step: number,
  { learningRate, warmupSteps }: Pick<WarmupCosineOptions, 'learningRate' | 'warmupSteps'>,
): number {
  return step <= warmupSteps ? (learningRate * step) / (warmupSteps + 1) : learningRate;
}
