import { createHash } from 'node:crypto';
import {
  createModel,
  type Dataset,
  type ImageSource,
  initialValues,
  modelKind,
  openImages,
  type TrainerConfig,
  type TrainingDataset,
  withoutImages,
} from '@refclip/app-shared';
import type { AnyModel, ModelKind, ReferringModel } from '@refclip/referring';
import type { Engine, NamedHostTensors } from '@refclip/runtime';
import { ConfigError } from '@refclip/structures';
import { type Criterion, chooseCriterion } from '../evaluation/choose-criterion.js';

/** Everything that training needs before its first step. */
export interface TrainingSetup {
  readonly config: TrainerConfig;
  readonly engine: Engine;
  /** Without the images that cannot be read. */
  readonly dataset: TrainingDataset;
  /** What the best epoch is chosen by. */
  readonly criterion: Criterion;
  readonly kind: ModelKind;
  readonly model: AnyModel;
  /** The model as it reads what `source` gives. */
  readonly reader: ReferringModel;
  readonly source: ImageSource;
  /** First values. */
  readonly values: NamedHostTensors;
  /** Batches per epoch, at least 1. */
  readonly perEpoch: number;
  /** Steps of the whole run. */
  readonly lastStep: number;
  /** Of the first values and the training records: equal ones give equal runs. */
  readonly fingerprint: string;
}

/** A model that configurations do not know. */
export interface NewKind {
  readonly kind: ModelKind;
  /** @param words entries of the vocabulary. */
  create(words: number): AnyModel;
}

/**
 * Builds the model of a configuration and makes its images ready.
 *
 * @param other  another model than the configured one.
 * A batch larger than the training records shrinks to them, which is said on standard error.
 *
 * @throws {ConfigError} when there are fewer than two records, or `evaluation.chooseBy` needs what the data lack; {DataFormatError} when a model that learns from boxes lacks some.
 */
export async function prepareTraining(
  asked: TrainerConfig,
  given: TrainingDataset,
  engine: Engine,
  other?: NewKind,
): Promise<TrainingSetup> {
  const criterion = chooseCriterion(asked, given);
  let config = withFittingBatch(asked, given);
  const { size: words } = given.vocabulary;
  const kind: ModelKind = other?.kind ?? modelKind(config.model.name);
  const model: AnyModel = other?.create(words) ?? createModel(config, words);
  if (model.supervision === 'box') assertBoxes(given, config);
  const values = await initialValues(config, model, given.vocabulary, kind);
  const images = [...given.train, ...[...given.evaluation.values()].flat()];
  const { source, reader, broken } = await openImages(config, { engine, model, values, images });
  const dataset: TrainingDataset = {
    ...given,
    train: withoutImages(given.train, broken),
    evaluation: new Map([...given.evaluation].map(([split, items]) => [split, withoutImages(items, broken)])),
  };
  config = withFittingBatch(config, dataset);
  const { batchSize, epochs, maxSteps } = config.training;
  const perEpoch = Math.floor(dataset.train.length / batchSize);
  const lastStep = Math.min(epochs * perEpoch, maxSteps ?? Number.POSITIVE_INFINITY);
  const fingerprint = fingerprintOf(dataset, values);
  return { config, engine, dataset, criterion, kind, model, reader, source, values, perEpoch, lastStep, fingerprint };
}

/** The loss compares the records of a batch, so two are the least. */
function withFittingBatch(config: TrainerConfig, { train }: Dataset): TrainerConfig {
  const { batchSize } = config.training;
  if (train.length >= batchSize) return config;
  if (train.length < 2)
    throw new ConfigError('trainer', [
      { path: 'data.annotations', problem: `${train.length} training record(s); two are the least to learn from` },
    ]);
  process.stderr.write(
    `training.batchSize: ${batchSize} is more than the ${train.length} training records; ${train.length} is used\n`,
  );
  return { ...config, training: { ...config.training, batchSize: train.length } };
}

function assertBoxes({ train }: Dataset, { supervision, data }: TrainerConfig): void {
  const missing = train.flatMap(({ box }, index) => (box ? [] : [index]));
  if (!missing.length) return;
  const [path, file] = supervision.labels
    ? ['supervision.labels', supervision.labels]
    : ['data.annotations', data.annotations];
  const problem = `${missing.length} training record(s) of ${file} have no box, the first is train ${missing[0]}; this model learns from boxes`;
  throw new ConfigError('trainer', [{ path, problem }]);
}

function fingerprintOf({ train }: Dataset, values: NamedHostTensors): string {
  const hash = createHash('sha256');
  for (const { image, expressions, box, score } of train) hash.update(JSON.stringify([image, expressions, box, score]));
  for (const name of Object.keys(values).sort()) {
    const { buffer, byteOffset, byteLength } = (values[name] as NamedHostTensors[string]).data;
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex').slice(0, 32);
}
