import type { TrainerConfig } from '@refclip/app-shared';
import { warmupConstant, warmupCosine } from '@refclip/nn';

const schedules = { cosine: warmupCosine, constant: warmupConstant } satisfies Record<
  TrainerConfig['training']['schedule'],
  typeof warmupCosine
>;

/** The configured learning rate of a step: linear warm-up, then half a cosine over all epochs or the same rate on. @param perEpoch steps of an epoch. */
export function learningRateAt(step: number, { training }: TrainerConfig, perEpoch: number): number {
  const { learningRate, warmupLearningRate, minimumLearningRate, warmupSteps, warmupEpochs, epochs } = training;
  return schedules[training.schedule](step, {
    learningRate,
    warmupLearningRate,
    minimumLearningRate,
    warmupSteps: warmupSteps ?? Math.round(warmupEpochs * perEpoch),
    totalSteps: epochs * perEpoch,
  });
}
