import { type DeferredWeights, deferWeights, loadWeights, saveWeights } from '@refclip/core';
import { openStateDict } from '@refclip/formats';
import type { NamedHostTensors } from '@refclip/runtime';
import { DataFormatError } from '@refclip/structures';
import { Vocabulary } from '@refclip/text';
import type { TrainerConfig } from '../config/config-schema.js';
import type { AnyModel } from './model-kind.js';
import { isKnown, type KnownModel, modelKind, modelKinds } from './model-kinds.js';

/** What a checkpoint says beside its tensors. */
interface CheckpointDescription<Model extends AnyModel = AnyModel> {
  readonly model: Model;
  readonly vocabulary: Vocabulary;
  /** What the training noted: configuration name, epoch, accuracy. */
  readonly notes: Readonly<Record<string, string>>;
}

/** A whole model out of a file: nothing else is needed to use it. */
export interface Checkpoint<Model extends AnyModel = AnyModel> extends CheckpointDescription<Model> {
  readonly values: NamedHostTensors;
}

/** A whole model whose tensors are read when a program is built with them. */
export type DeferredCheckpoint = CheckpointDescription<KnownModel> & Pick<DeferredWeights, 'values' | 'close'>;

const checkpointFormat = 'refclip-checkpoint-1';

/** Writes a model with its options and vocabulary, whole or not at all. */
export async function saveCheckpoint(file: string, { model, values, vocabulary, notes }: Checkpoint): Promise<void> {
  const metadata = {
    ...notes,
    format: checkpointFormat,
    model: model.name,
    options: JSON.stringify(model.options),
    vocabulary: JSON.stringify(vocabulary.words),
  };
  await saveWeights(file, model.parameters, values, { metadata });
}

/**
 * Reads a checkpoint of {@link saveCheckpoint}.
 *
 * @param expected  a configuration whose model it must be; a difference is reported by its tensors.
 * @throws {FileError}, {DataFormatError} when it is no checkpoint; {WeightsError} when its tensors do not fit.
 */
export async function loadCheckpoint(file: string, expected?: TrainerConfig): Promise<Checkpoint<KnownModel>> {
  const description = await describeCheckpoint(file, expected);
  const { name, parameters } = description.model;
  const { values } = await loadWeights(file, parameters, { optional: modelKind(name).isOptional });
  return { ...description, values };
}

/**
 * Opens a checkpoint of {@link saveCheckpoint} for inference; see `deferWeights`. Close it when its programs are built.
 *
 * @param digests  a folder that remembers digests of files.
 * @throws {FileError}, {DataFormatError} when it is no checkpoint; {WeightsError} when its tensors do not fit.
 */
export async function deferCheckpoint(file: string, digests?: string): Promise<DeferredCheckpoint> {
  const description = await describeCheckpoint(file);
  const { name, parameters } = description.model;
  const { isOptional } = modelKind(name);
  const { values, close } = await deferWeights(file, parameters, { optional: isOptional, digests });
  return { ...description, values, close };
}

async function describeCheckpoint(file: string, expected?: TrainerConfig): Promise<CheckpointDescription<KnownModel>> {
  const weights = await openStateDict(file);
  await weights.close();
  const { format, model: name = 'refclip', options, vocabulary, ...notes } = weights.metadata;
  if (format !== checkpointFormat || !options || !vocabulary) {
    throw new DataFormatError(
      { file },
      'these are weights without a model description. Give a checkpoint that `trainer start` wrote.',
    );
  }
  if (!isKnown(name) || (expected && expected.model.name !== name)) {
    const wanted = expected?.model.name ?? Object.keys(modelKinds).join(', ');
    throw new DataFormatError({ file, field: 'model' }, `it is a ${name}; expected ${wanted}.`);
  }
  const kind = modelKind(name);
  const words = Vocabulary.fromWords(jsonOf(vocabulary, file, 'vocabulary') as string[], file);
  const model = expected ? kind.create(expected, words.size) : kind.restore(jsonOf(options, file, 'options'));
  return { model, vocabulary: words, notes };
}

function jsonOf(text: string, file: string, field: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The same error as for other JSON.
  }
  throw new DataFormatError({ file, field }, 'not the JSON of a checkpoint. The file is damaged or foreign.');
}
