import { createHash } from 'node:crypto';
import {
  type AnyModel,
  type Dataset,
  type ImageSource,
  initialValues,
  type ModelKind,
  modelKind,
  openImages,
  type TrainerConfig,
  withoutImages,
} from '@refclip/app-shared';
import type { ReferringModel } from '@refclip/nn';
import type { Engine, NamedHostTensors } from '@refclip/runtime';
import { ConfigError } from '@refclip/structures';

/** Everything that training needs before its first step. */
export interface TrainingSetup {
  readonly config: TrainerConfig;
  readonly engine: Engine;
  /** Without the images that cannot be read. */
  readonly dataset: Dataset;
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

/**
 * Builds the model of a configuration and makes its images ready.
 *
 * @param kind  of the model. Default the configured one.
 * @throws {ConfigError} when there are fewer records than a batch; {DataFormatError} when a model that learns from boxes lacks some.
 */
export async function prepareTraining(
  config: TrainerConfig,
  given: Dataset,
  engine: Engine,
  kind: ModelKind = modelKind(config.model.name),
): Promise<TrainingSetup> {
  const model = kind.create(config, given.vocabulary.size);
  if (model.supervision === 'box') assertBoxes(given, config);
  const values = await initialValues(config, model, given.vocabulary);
  const images = [...given.train, ...[...given.evaluation.values()].flat()];
  const { source, reader, broken } = await openImages(config, { engine, model, values, images });
  const dataset: Dataset = {
    ...given,
    train: withoutImages(given.train, broken),
    evaluation: new Map([...given.evaluation].map(([split, items]) => [split, withoutImages(items, broken)])),
  };
  const { batchSize, epochs, maxSteps } = config.training;
  const perEpoch = Math.floor(dataset.train.length / batchSize);
  if (!perEpoch) {
    throw new ConfigError('trainer', [
      { path: 'training.batchSize', problem: `${batchSize} is more than the ${dataset.train.length} training records` },
    ]);
  }
  const lastStep = Math.min(epochs * perEpoch, maxSteps ?? Number.POSITIVE_INFINITY);
  const fingerprint = fingerprintOf(dataset, values);
  return { config, engine, dataset, kind, model, reader, source, values, perEpoch, lastStep, fingerprint };
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
