/** A learning-rate schedule of a linear warm-up and a half cosine. */
export interface WarmupCosineOptions {
  /** Rate after the warm-up. */
  readonly learningRate: number;
  /** Rate of step 0. */
  readonly warmupLearningRate: number;
  /** Rate that the cosine ends at. */
  readonly minimumLearningRate: number;
  readonly warmupSteps: number;
  /** Steps of the whole training, warm-up included. */
  readonly totalSteps: number;
}

/**
 * The learning rate of a step: linear from `warmupLearningRate` to `learningRate` over the warm-up, then
 * `minimum + (learningRate − minimum)·(1 + cos(π·(step − warmup)/(total − warmup)))/2`; the minimum after the end.
 *
 * @param step  counted from 0.
 */
export function warmupCosine(step: number, options: WarmupCosineOptions): number {
  const { learningRate, warmupLearningRate, minimumLearningRate, warmupSteps, totalSteps } = options;
  if (step < warmupSteps) {
    return warmupLearningRate + ((learningRate - warmupLearningRate) * step) / warmupSteps;
  }
  if (step >= totalSteps) return minimumLearningRate;
  const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
  return minimumLearningRate + ((learningRate - minimumLearningRate) * (1 + Math.cos(Math.PI * progress))) / 2;
}
