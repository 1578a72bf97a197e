import { freeBytes, InterruptedError, interruptionSignal, showBytes } from '@refclip/app-shared';
import { CounterRandom } from '@refclip/nn';
import { loadWeights, saveCheckpoint } from '@refclip/referring';
import type { NamedHostTensors } from '@refclip/runtime';
import { UsageError } from '@refclip/structures';
import { type Criterion, criterionValue } from '../evaluation/choose-criterion.js';
import type { SplitEvaluation } from '../evaluation/evaluate-split.js';
import { evaluateSplits } from '../evaluation/evaluate-splits.js';
import { predictionImages } from '../tensorboard/prediction-images.js';
import { createStepper } from './create-stepper.js';
import type { TrainingSetup } from './prepare-training.js';
import type { RunDirectory } from './run-directory.js';
import { trainEpoch } from './train-epoch.js';
import { openTrainingLog } from './training-log.js';
import { saveTrainingState, type TrainingProgress, type TrainingState } from './training-state.js';

/** What a training ended with. */
export interface TrainingResult {
  /** A signal stopped it; its state is saved. */
  readonly interrupted: boolean;
  /** Finished, of the whole run. */
  readonly epochs: number;
  readonly steps: number;
  readonly bestEpoch: number;
  /** What it was chosen by. */
  readonly criterion: Criterion;
  /** Evaluation of the best epoch's weights, every split of `TrainingDataset.scored`; empty when interrupted. */
  readonly splits: readonly SplitEvaluation[];
  /** Seconds per step of this process, and the fraction of them that was not spent in the graph; absent when it took no step. */
  readonly time?: { readonly secondsPerStep: number; readonly overhead: number };
}

/**
 * Trains a model, evaluates it after every epoch and keeps the last and the best weights.
 *
 * Everything random is a function of the seed and the step, so a run that goes on from a saved state ends with the same bits as one that did not stop.
 *
 * @param saved  the state to go on from; absent: the beginning, whose state is saved before the first step: a run can be resumed from then on.
 * @param signal  ends it after the step, or the batch of an evaluation, that is under way; its state is saved.
 * @throws {NumericError} when the loss is no longer finite; {UsageError} when the state belongs to other data or first weights, or the disk has too little
 * room for the run; {FileError} when it is full in the middle.
 */
export async function train(
  setup: TrainingSetup,
  run: RunDirectory,
  saved?: TrainingState,
  signal: AbortSignal = interruptionSignal(),
): Promise<TrainingResult> {
  const { config, fingerprint, perEpoch, lastStep } = setup;
  if (saved && saved.progress.fingerprint !== fingerprint) {
    throw new UsageError(
      `--resume ${run.path}: the training records, word vectors or detector weights are not those that the run began with. Restore them, or start anew.`,
    );
  }
  const random = new CounterRandom(config.seed);
  const stepper = await createStepper(setup, random, saved?.tensors);
  const log = await openTrainingLog(run.path, saved?.progress.logs);
  let progress: TrainingProgress = saved?.progress ?? {
    step: 0,
    epoch: 0,
    bestEpoch: -1,
    bestValue: null,
    means: {},
    logs: {},
    fingerprint,
  };
  const save = async (change: Partial<TrainingProgress>) => {
    progress = { ...progress, ...change, logs: log.lengths };
    await saveTrainingState(run.state, { progress, tensors: await stepper.readState() });
  };
  const time = { steps: 0, loopMs: 0, graphMs: 0 };
  const { criterion } = setup;
  const stopped = () => ({ ...summary(progress), criterion, interrupted: true, splits: [] });
  try {
    if (!saved) {
      await assertRoom(setup, run, await stepper.readState());
      await save({});
    }
    while (progress.epoch < config.training.epochs && progress.epoch * perEpoch < lastStep) {
      const started = performance.now();
      const result = await trainEpoch(setup, progress, { random, stepper, log, signal, save });
      time.steps += result.steps;
      time.loopMs += result.loopMs;
      time.graphMs += result.graphMs;
      if (result.interrupted) return stopped();
      progress = { ...progress, step: result.step, means: result.means };
      const average = await stepper.averageValues();
      const best = await finishEpoch(setup, run, { progress, average, log, started }, signal).catch(
        (error: unknown) => {
          if (error instanceof InterruptedError) return undefined;
          throw error;
        },
      );
      if (!best) {
        await save({});
        return stopped();
      }
      await save({ ...best, epoch: progress.epoch + 1, means: {} });
    }
  } finally {
    log.close();
    await stepper.dispose();
  }
  const { isOptional } = setup.kind;
  const { values } = await loadWeights(run.best, setup.model.parameters, { optional: isOptional });
  const best = { ...setup, values: { ...setup.values, ...values } };
  // What was trained is saved already: the resumed run comes straight back here.
  const splits = await evaluateSplits(best, setup.dataset.scored, signal).catch((error: unknown) => {
    if (error instanceof InterruptedError) return undefined;
    throw error;
  });
  if (!splits) return stopped();
  const measured = time.steps
    ? { secondsPerStep: time.loopMs / time.steps / 1000, overhead: 1 - time.graphMs / time.loopMs }
    : undefined;
  return { ...summary(progress), criterion, interrupted: false, splits, ...(measured ? { time: measured } : {}) };
}

/** Says what a run folder will hold, and refuses what the disk has no room for: a state, the best and the last weights, and one of them in the making. */
async function assertRoom({ model }: TrainingSetup, run: RunDirectory, state: NamedHostTensors): Promise<void> {
  const stateBytes = Object.values(state).reduce((sum, { data }) => sum + data.byteLength, 0);
  const weights = model.parameters.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  const needed = stateBytes + 2 * weights + Math.max(stateBytes, weights);
  const free = await freeBytes(run.path);
  process.stderr.write(`run folder: up to ${showBytes(needed)} in ${run.path}, ${showBytes(free)} free\n`);
  if (needed > free) {
    throw new UsageError(
      `the run needs ${showBytes(needed)} in ${run.path}; ${showBytes(free)} are free. Free some space, or choose another disk with --run.`,
    );
  }
}

const summary = ({ epoch, step, bestEpoch }: TrainingProgress) => ({ epochs: epoch, steps: step, bestEpoch });

interface FinishedEpoch {
  readonly progress: TrainingProgress;
  readonly average: NamedHostTensors;
  readonly log: Awaited<ReturnType<typeof openTrainingLog>>;
  /** `performance.now()` at its beginning. */
  readonly started: number;
}

/** Validates the averaged weights, logs, and writes `last` and, when none was better, `best`. @returns what is the best now. */
async function finishEpoch(
  setup: TrainingSetup,
  run: RunDirectory,
  { progress, average, log, started }: FinishedEpoch,
  signal: AbortSignal,
): Promise<Pick<TrainingProgress, 'bestEpoch' | 'bestValue'>> {
  const { config, model, dataset, criterion } = setup;
  const split = dataset.validation;
  const averaged = { ...setup, values: average };
  const splits = split === null ? [] : [split];
  const [validation] = await evaluateSplits(averaged, splits, signal, criterion === 'retrieval');
  const epoch = progress.epoch + 1;
  const seconds = (performance.now() - started) / 1000;
  const { loss = Number.NaN, ...metrics } = progress.means;
  const parts = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(3)}, `);
  const seen = validation ? `${describeValidation(validation, criterion)}, ` : '';
  process.stderr.write(`  loss ${loss.toFixed(3)}, ${parts.join('')}${seen}${seconds.toFixed(0)} s\n`);
  if (epoch === 1 && validation?.baselines?.bestAnchor === 0) process.stderr.write(`${neverRight(validation)}\n`);
  const measured = validation ? measuredOf(validation, criterion) : {};
  log.write(progress.step, { epoch, ...progress.means, ...measured, seconds }, 'epoch');
  if (validation) log.writeImages(progress.step, await predictionImages(validation, dataset));
  const texts = Object.entries(measured).map(([name, value]) => [name, String(value)] as const);
  const notes = { config: config.name, epoch: String(epoch), ...Object.fromEntries(texts) };
  const checkpoint = { model, values: average, vocabulary: dataset.vocabulary, notes };
  await saveCheckpoint(run.last, checkpoint);
  const value = criterionValue(criterion, validation);
  // Of equal epochs the later one: it has seen more.
  if (value !== null && progress.bestValue !== null && value < progress.bestValue) return progress;
  await saveCheckpoint(run.best, checkpoint);
  return { bestEpoch: epoch, bestValue: value };
}

/** For people: accuracy, or that it is unknown, and what else was measured. */
function describeValidation(
  { split, accuracy, scored, count, retrieval }: SplitEvaluation,
  criterion: Criterion,
): string {
  const partly = scored && scored < count ? ` (of the ${scored} with a box)` : '';
  const known =
    accuracy === null ? `${split} accuracy unknown (no boxes)` : `${split} accuracy ${accuracy.toFixed(2)} %${partly}`;
  return criterion === 'retrieval' && retrieval !== null ? `${known}, retrieval ${retrieval.toFixed(2)} %` : known;
}

/** For programs: `null` is what nobody knows. What is measured without boxes is there where it matters. */
function measuredOf(
  { split, accuracy, retrieval, agreement }: SplitEvaluation,
  criterion: Criterion,
): Readonly<Record<string, number | null>> {
  const boxless = { [`${split}Retrieval`]: retrieval, [`${split}Agreement`]: agreement };
  return { [`${split}Accuracy`]: accuracy, ...(criterion === 'accuracy' ? {} : boxless) };
}

/** What to do when no answer can be right. */
function neverRight({ split, scored }: SplitEvaluation): string {
  return (
    `  warning: of none of the ${scored} annotated boxes of ${split} the detector proposes one with IoU > 0.5, so every answer is wrong whatever is learned. Look at the boxes ` +
    '(refclip-data preview), and check detector.weights, model.width, model.classes, model.priors and model.inputSize: drawn scenes and photographs need different detectors.'
  );
}
