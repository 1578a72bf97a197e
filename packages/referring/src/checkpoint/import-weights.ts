import { descriptionKeys, loadWeights, saveCheckpoint, saveWeights } from '@refclip/core';
import { initializeParameters } from '@refclip/nn';
import { DataFormatError } from '@refclip/structures';
import type { TrainerConfig } from '../config/config-schema.js';
import { loadVocabulary } from '../data/load-vocabulary.js';
import { readVisualEncoder, visualEncoderSpecs } from './load-visual-encoder.js';
import { modelKind } from './model-kinds.js';
import { openWeights } from './open-weights.js';

/** What was imported. */
export interface ImportedWeights {
  /** A checkpoint with its vocabulary, or the part that sees: whole, or its trunk alone. */
  readonly holds: 'checkpoint' | 'detector' | 'trunk';
  readonly tensors: number;
}

/** Where weights come from and go to. */
export interface ImportWeightsOptions {
  readonly weights: string;
  /** Safetensors. */
  readonly output: string;
  /** Key of the dict of tensors in a checkpoint. Default: `state_dict`, `model`, or the file itself. */
  readonly key?: string | undefined;
}

const embedding = 'lang_encoder.embedding.weight';

/**
 * Converts weights of the official code into files of this one, checked against the configured model: a whole checkpoint becomes a checkpoint
 * (the vocabulary is built from the configured annotations), detector weights and Darknet's trunk become weights for `detector.weights`.
 *
 * @throws {WeightsError} listing every name and shape that does not fit; {DataFormatError} when the vocabulary has another size than the checkpoint's.
 */
export async function importWeights(
  config: TrainerConfig,
  { weights: file, output, key }: ImportWeightsOptions,
): Promise<ImportedWeights> {
  const kind = modelKind(config.model.name);
  // The part that sees does not depend on the number of words.
  const specs = () => visualEncoderSpecs(kind.create(config, 3));
  const opened = await openWeights(file, { specs, lastDarknetLayer: kind.lastDarknetLayer, key });
  const { weights } = opened;
  try {
    const words = weights.tensors.get(embedding)?.shape[0];
    if (words === undefined) {
      const declared = specs();
      const values = await readVisualEncoder(opened, declared, kind);
      const present = declared.filter(({ name }) => values[name]);
      await saveWeights(output, present, values, { metadata: { ...weights.metadata, source: 'imported' } });
      const isWhole = declared.every(({ name }) => values[name] || kind.isOptional(name));
      return { holds: isWhole ? 'detector' : 'trunk', tensors: present.length };
    }
    const vocabulary = await loadVocabulary(config);
    if (vocabulary.size !== words) {
      throw new DataFormatError(
        { file, field: embedding },
        `it has ${words} words; the vocabulary of ${config.data.annotations} has ${vocabulary.size}. Give the annotations that it was trained on (data.annotations).`,
      );
    }
    const model = kind.create(config, words);
    const { values, metadata } = await loadWeights(weights, model.parameters, { optional: kind.isOptional });
    // Parts that the model does not run may be missing; the checkpoint is whole nevertheless.
    const absent = model.parameters.filter(({ name }) => !values[name]);
    const all = { ...initializeParameters(absent, config.seed), ...values };
    // The file's own description, if it has one, is of the model that it was saved by.
    const own = Object.entries(metadata).filter(([name]) => !descriptionKeys.includes(name));
    const notes = { ...Object.fromEntries(own), source: 'imported' };
    await saveCheckpoint(output, { model, values: all, vocabulary, notes });
    return { holds: 'checkpoint', tensors: model.parameters.length };
  } finally {
    await weights.close();
  }
}
