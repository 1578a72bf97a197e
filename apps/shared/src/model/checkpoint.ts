import {
  createRefClip,
  isUnusedHead,
  loadWeights,
  type RefClip,
  type RefClipOptions,
  resolveRefClipOptions,
  saveWeights,
} from '@refclip/core';
import { readSafetensors } from '@refclip/formats';
import type { NamedHostTensors } from '@refclip/runtime';
import { DataFormatError } from '@refclip/structures';
import { Vocabulary } from '@refclip/text';

/** A whole model out of a file: nothing else is needed to use it. */
export interface Checkpoint {
  readonly model: RefClip;
  readonly values: NamedHostTensors;
  readonly vocabulary: Vocabulary;
  /** What the training noted: configuration name, epoch, accuracy. */
  readonly notes: Readonly<Record<string, string>>;
}

/** Writes a model with its options and vocabulary, whole or not at all. */
export async function saveCheckpoint(file: string, { model, values, vocabulary, notes }: Checkpoint): Promise<void> {
  const metadata = {
    ...notes,
    format: 'refclip-checkpoint-1',
    options: JSON.stringify(model.options),
    vocabulary: JSON.stringify(vocabulary.words),
  };
  await saveWeights(file, model.parameters, values, { metadata });
}

/**
 * Reads a checkpoint of {@link saveCheckpoint}.
 *
 * @param expected  options that the model must have, e.g. those of a configuration; a difference is reported by its tensors.
 * @throws {FileError}, {DataFormatError} when it is no checkpoint; {WeightsError} when its tensors do not fit.
 */
export async function loadCheckpoint(file: string, expected?: Omit<RefClipOptions, 'words'>): Promise<Checkpoint> {
  const { metadata } = await readSafetensors(file);
  const { format, options, vocabulary, ...notes } = metadata;
  if (format !== 'refclip-checkpoint-1' || !options || !vocabulary) {
    throw new DataFormatError(
      { file },
      'these are weights without a model description. Give a checkpoint that `trainer start` wrote.',
    );
  }
  const words = Vocabulary.fromWords(JSON.parse(vocabulary) as string[], file);
  const own = JSON.parse(options) as RefClipOptions;
  const model = createRefClip(expected ? resolveRefClipOptions({ ...expected, words: words.size }) : own);
  const { values } = await loadWeights(file, model.parameters, { optional: isUnusedHead });
  return { model, values, vocabulary: words, notes };
}
