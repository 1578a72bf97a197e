import { createProgress } from '@refclip/app-shared';
import { yieldToSignals } from '@refclip/furniture';
import type { CounterRandom } from '@refclip/nn';
import type { Stepper } from './create-stepper.js';
import { learningRateAt } from './learning-rate.js';
import type { TrainingSetup } from './prepare-training.js';
import { trainingBatches } from './training-batches.js';
import type { TrainingLog } from './training-log.js';
import type { TrainingProgress } from './training-state.js';

/** What {@link trainEpoch} works with. */
export interface TrainEpochOptions {
  readonly random: CounterRandom;
  readonly stepper: Stepper;
  readonly log: TrainingLog;
  /** Ends the epoch after the step under way. */
  readonly signal: AbortSignal;
  /** Saves a state that a run can go on from. */
  readonly save: (progress: Pick<TrainingProgress, 'step' | 'means'>) => Promise<void>;
}

/** How far an epoch came. */
export interface EpochResult extends Pick<TrainingProgress, 'step' | 'means'> {
  /** Steps taken now, milliseconds of the loop without compiling and saving, and of them in the graph. */
  readonly steps: number;
  readonly loopMs: number;
  readonly graphMs: number;
  /** Whether the loop ended early because of a signal; the state is saved then. */
  readonly interrupted: boolean;
}

/** The steps of one epoch from where `progress` stands, with the states saved in between that the configuration asks for. */
export async function trainEpoch(
  setup: TrainingSetup,
  progress: TrainingProgress,
  { random, stepper, log, signal, save }: TrainEpochOptions,
): Promise<EpochResult> {
  const { config, perEpoch, lastStep } = setup;
  const { epochs, saveEverySteps, saveEveryMinutes } = config.training;
  const { epoch } = progress;
  const first = epoch * perEpoch;
  const total = Math.min(perEpoch, lastStep - first);
  const bar = createProgress(`epoch ${epoch + 1}/${epochs}`, total, 'steps', {
    from: progress.step - first,
    ahead: lastStep - first - total,
  });
  const means: Record<string, number> = { ...progress.means };
  let step = progress.step;
  let graphMs = 0;
  let saved = performance.now();
  let apartMs = 0;
  const saveNow = async () => {
    const before = performance.now();
    await save({ step, means });
    saved = performance.now();
    apartMs += saved - before;
  };
  const started = performance.now();
  const finish = (interrupted: boolean): EpochResult => {
    bar.finish();
    return {
      step,
      means,
      steps: step - progress.step,
      graphMs,
      loopMs: performance.now() - started - apartMs,
      interrupted,
    };
  };
  if (step - first >= total) return finish(false);
  for await (const batch of trainingBatches(setup, random, { epoch, from: step - first })) {
    const learningRate = learningRateAt(step, config, perEpoch);
    const result = await stepper.step(step, learningRate, batch);
    graphMs += result.graphMs;
    apartMs += result.compileMs;
    const { loss, gradientNorm, metrics } = result;
    step++;
    const done = step - first;
    for (const [name, value] of Object.entries({ loss, ...metrics })) {
      const mean = means[name] ?? 0;
      means[name] = mean + (value - mean) / done;
    }
    log.write(step, { step, epoch: epoch + 1, loss, learningRate, gradientNorm, ...metrics }, 'train');
    bar.update(done, `loss ${(means.loss as number).toFixed(3)}`);
    if (step >= lastStep || done === total) break;
    await yieldToSignals();
    if (signal.aborted) {
      await saveNow();
      return finish(true);
    }
    const late = saveEveryMinutes !== null && performance.now() - saved > saveEveryMinutes * 60_000;
    if (late || (saveEverySteps !== null && step % saveEverySteps === 0)) await saveNow();
  }
  return finish(false);
}
