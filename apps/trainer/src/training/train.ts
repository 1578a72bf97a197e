import {
  createProgress,
  type Dataset,
  detectorBatch,
  fillCache,
  initialValues,
  modelOptions,
  saveCheckpoint,
  type TrainerConfig,
  withoutImages,
} from '@refclip/app-shared';
import { createGrounder, createRefClip, DetectorCache, type RefClip, stack } from '@refclip/core';
import { CounterRandom, createTrainStep, drawMasks, modelValues, warmupCosine } from '@refclip/nn';
import { type Engine, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { ConfigError, NumericError } from '@refclip/structures';
import { evaluateSplit, type SplitEvaluation } from '../evaluation/evaluate-split.js';
import { type DrawnPair, planEpoch } from './epoch-plan.js';
import type { RunDirectory } from './run-directory.js';

/** What a training ended with. */
export interface TrainingResult {
  readonly model: RefClip;
  readonly epochs: number;
  readonly steps: number;
  readonly bestEpoch: number;
  /** Evaluation of the best epoch's weights, every configured split. */
  readonly splits: readonly SplitEvaluation[];
  /** Fraction of the training's time that was not spent in the graph. */
  readonly overhead: number;
}

/**
 * Trains RefCLIP on image–expression pairs: no box of a referent is ever read by the training; boxes serve evaluation alone.
 *
 * @throws {NumericError} when the loss is no longer finite; {ConfigError} when there are fewer records than a batch.
 */
export async function train(
  config: TrainerConfig,
  given: Dataset,
  engine: Engine,
  run: RunDirectory,
): Promise<TrainingResult> {
  const { training, evaluation } = config;
  const model = createRefClip(modelOptions(config, given.vocabulary.size));
  const values = await initialValues(config, model, given.vocabulary);
  const cache = await DetectorCache.open({
    directory: config.detector.cache.directory,
    precision: config.detector.cache.precision,
    model,
    values,
  });
  const evaluated = [...given.evaluation.values()].flat();
  const batch = detectorBatch(model);
  const detector = createGrounder({ engine, model, values, imageBatch: batch });
  const { brokenImages } = config.data;
  const broken = await fillCache(cache, detector, [...given.train, ...evaluated], {
    inputSize: model.options.inputSize,
    batch,
    brokenImages,
  });
  const dataset: Dataset = {
    ...given,
    train: withoutImages(given.train, broken),
    evaluation: new Map([...given.evaluation].map(([split, items]) => [split, withoutImages(items, broken)])),
  };
  await detector.dispose();

  const { batchSize, epochs } = training;
  const counts = dataset.train.map(({ expressions }) => expressions.length);
  const perEpoch = Math.floor(counts.length / batchSize);
  if (!perEpoch) {
    throw new ConfigError('trainer', [
      { path: 'training.batchSize', problem: `${batchSize} is more than the ${counts.length} training records` },
    ]);
  }
  const specs = model.detectorOutputSpecs(batchSize);
  const step = createTrainStep({
    loss: (scope, inputs) =>
      model.trainLoss(scope, inputs, { negativeAnchorAugmentation: training.negativeAnchorAugmentation }),
    batch: { ...specs, tokens: { shape: [batchSize, model.options.maxTokens], dtype: 'int32' } },
    values,
    trainable: model.isTrainable,
    optimizer: { beta1: training.betas[0], beta2: training.betas[1], epsilon: training.epsilon },
    maxGradientNorm: training.clipNorm,
    movingAverageDecay: training.emaDecay,
  });
  const executable = await engine.compileStateful(step.program, {
    name: 'train',
    inputs: step.inputs,
    constants: step.constants,
    state: step.state,
  });
  const random = new CounterRandom(config.seed);
  const totalSteps = epochs * perEpoch;
  const schedule = {
    learningRate: training.learningRate,
    warmupLearningRate: training.warmupLearningRate,
    minimumLearningRate: training.minimumLearningRate,
    warmupSteps: training.warmupSteps ?? Math.round(training.warmupEpochs * perEpoch),
    totalSteps,
  };
  const lastStep = Math.min(totalSteps, training.maxSteps ?? totalSteps);
  const loadBatch = async (pairs: readonly DrawnPair[]): Promise<NamedHostTensors> => {
    const records = pairs.map(({ record, expression }) => {
      const { key, expressions } = dataset.train[record] as Dataset['train'][number];
      return { key, text: expressions[expression] as string };
    });
    const cached = await Promise.all(records.map(({ key }) => cache.read(key)));
    const tokens = dataset.vocabulary.encode(
      records.map(({ text }) => text),
      model.options.maxTokens,
    );
    return {
      ...stack(
        cached.map(({ outputs }) => outputs),
        specs,
      ),
      tokens: hostTensor(tokens, [batchSize, model.options.maxTokens]),
    };
  };

  let bestEpoch = -1;
  let bestAccuracy = -1;
  let best: NamedHostTensors = values;
  let inGraph = 0;
  let inLoop = 0;
  let index = 0;
  let epoch = 0;
  for (; epoch < epochs && index < lastStep; epoch++) {
    const batches = planEpoch(random, epoch, counts, batchSize);
    const progress = createProgress(`epoch ${epoch + 1}/${epochs}`, Math.min(perEpoch, lastStep - index), 'steps');
    const started = performance.now();
    let meanLoss = 0;
    let retrieval = 0;
    let done = 0;
    for (const pairs of batches) {
      if (index >= lastStep) break;
      const inputs = await loadBatch(pairs);
      const masks = drawMasks(step.masks, random.stream('dropout', index));
      const learningRate = warmupCosine(index, schedule);
      const before = performance.now();
      const outputs = await executable.step({
        ...inputs,
        ...masks,
        learningRate: hostTensor(Float32Array.of(learningRate), []),
      });
      inGraph += performance.now() - before;
      const loss = outputs.loss?.data[0] as number;
      if (!Number.isFinite(loss)) {
        throw new NumericError(
          { where: 'training', step: index, quantity: 'loss', value: loss },
          'Lower training.learningRate.',
        );
      }
      index++;
      done++;
      meanLoss += (loss - meanLoss) / done;
      retrieval += ((outputs.retrieval?.data[0] as number) - retrieval) / done;
      await run.log({ step: index, epoch: epoch + 1, loss, learningRate, gradientNorm: outputs.gradientNorm?.data[0] });
      progress.update(done, `loss ${meanLoss.toFixed(3)}`);
    }
    progress.finish();
    inLoop += performance.now() - started;
    const average = { ...values, ...modelValues(await executable.readState(), step.constants, { average: true }) };
    const split = evaluation.validationSplit;
    const validation = await evaluate(config, dataset, engine, model, average, cache, [split]);
    const accuracy = validation[0]?.accuracy ?? Number.NaN;
    const seconds = (performance.now() - started) / 1000;
    process.stderr.write(
      `  loss ${meanLoss.toFixed(3)}, right image ${(100 * retrieval).toFixed(1)} %, ${split} accuracy ${accuracy.toFixed(2)} %, ${seconds.toFixed(0)} s\n`,
    );
    await run.log({ epoch: epoch + 1, loss: meanLoss, retrieval, [`${split}Accuracy`]: accuracy, seconds });
    const notes = { config: config.name, epoch: String(epoch + 1), [`${split}Accuracy`]: String(accuracy) };
    await saveCheckpoint(run.last, { model, values: average, vocabulary: dataset.vocabulary, notes });
    if (accuracy > bestAccuracy) {
      [bestAccuracy, bestEpoch, best] = [accuracy, epoch + 1, average];
      await saveCheckpoint(run.best, { model, values: average, vocabulary: dataset.vocabulary, notes });
    }
  }
  await executable.dispose();
  const splits = await evaluate(config, dataset, engine, model, best, cache, evaluation.splits);
  return { model, epochs: epoch, steps: index, bestEpoch, splits, overhead: 1 - inGraph / inLoop };
}

/** Evaluates weights on some splits; one program serves all. */
export async function evaluate(
  config: TrainerConfig,
  dataset: Dataset,
  engine: Engine,
  model: RefClip,
  values: NamedHostTensors,
  cache: DetectorCache,
  splits: readonly string[],
): Promise<SplitEvaluation[]> {
  const batch = Math.min(config.evaluation.batchSize, detectorBatch(model) * 2);
  const grounder = createGrounder({ engine, model, values, imageBatch: batch, textBatch: 32 });
  const results: SplitEvaluation[] = [];
  for (const split of splits) {
    const items = dataset.evaluation.get(split) ?? [];
    const options = { grounder, cache, vocabulary: dataset.vocabulary, maxTokens: model.options.maxTokens, batch };
    results.push(await evaluateSplit(split, items, options));
  }
  await grounder.dispose();
  return results;
}
