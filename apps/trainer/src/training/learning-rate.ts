import type { TrainerConfig } from '@refclip/app-shared';
import { warmupCosine } from '@refclip/nn';

/** The configured learning rate of a step: linear warm-up, then half a cosine over all epochs. @param perEpoch steps of an epoch. */
export function learningRateAt(step: number, { training }: TrainerConfig, perEpoch: number): number {
  const { learningRate, warmupLearningRate, minimumLearningRate, warmupSteps, warmupEpochs, epochs } = training;
  return warmupCosine(step, {
    learningRate,
    warmupLearningRate,
    minimumLearningRate,
    warmupSteps: warmupSteps ?? Math.round(warmupEpochs * perEpoch),
    totalSteps: epochs * perEpoch,
  });
}
