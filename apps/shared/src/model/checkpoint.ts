import { loadWeights, saveWeights } from '@refclip/core';
import { readSafetensors } from '@refclip/formats';
import type { NamedHostTensors } from '@refclip/runtime';
import { DataFormatError } from '@refclip/structures';
import { Vocabulary } from '@refclip/text';
import type { TrainerConfig } from '../config/config-schema.js';
import type { AnyModel } from './model-kind.js';
import { isKnown, type KnownModel, modelKind, modelKinds } from './model-kinds.js';

/** A whole model out of a file: nothing else is needed to use it. */
export interface Checkpoint<Model extends AnyModel = AnyModel> {
  readonly model: Model;
  readonly values: NamedHostTensors;
  readonly vocabulary: Vocabulary;
  /** What the training noted: configuration name, epoch, accuracy. */
  readonly notes: Readonly<Record<string, string>>;
}

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
  const { metadata } = await readSafetensors(file);
  const { format, model: name = 'refclip', options, vocabulary, ...notes } = metadata;
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
  const { values } = await loadWeights(file, model.parameters, { optional: kind.isOptional });
  return { model, values, vocabulary: words, notes };
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
