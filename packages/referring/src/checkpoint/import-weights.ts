import { initializeParameters } from '@refclip/nn';
import { DataFormatError } from '@refclip/structures';
import type { Vocabulary } from '@refclip/text';
import type { AnyModel } from '../kinds/model-kind.js';
import { readVisualEncoder, type VisualKind, visualEncoderSpecs } from '../weights/load-visual-encoder.js';
import { loadWeights } from '../weights/load-weights.js';
import { openWeights } from '../weights/open-weights.js';
import { saveWeights } from '../weights/save-weights.js';
import { descriptionKeys } from './read-description.js';
import { saveCheckpoint } from './save-checkpoint.js';

/** What was imported. */
export interface ImportedWeights {
  /** A checkpoint with its vocabulary, or the part that sees: whole, or its trunk alone. */
  readonly holds: 'checkpoint' | 'detector' | 'trunk';
  readonly tensors: number;
}

/** What weights are imported into. */
export interface ImportWeightsOptions {
  /** Where they go: safetensors. */
  readonly output: string;
  readonly kind: VisualKind;
  /** The model that they are of. @param words entries of its vocabulary. */
  readonly model: (words: number) => AnyModel;
  /** The vocabulary of the data that the model was trained on; asked for when the file is a whole model. */
  readonly vocabulary: () => Promise<Vocabulary>;
  /** What the vocabulary is of, for messages: a file. */
  readonly vocabularyOf: string;
  /** Of tensors that the file may lack. */
  readonly seed: number;
  /** Key of the dict of tensors in a checkpoint. Default: `state_dict`, `model`, or the file itself. */
  readonly key?: string | undefined;
}

const embedding = 'lang_encoder.embedding.weight';

/**
 * Converts weights of the official code into files of this one, checked against a model: a whole checkpoint becomes a checkpoint, detector weights and
 * Darknet's trunk become weights for {@link initialValues}.
 *
 * @throws {WeightsError} listing every name and shape that does not fit; {DataFormatError} when the vocabulary has another size than the checkpoint's.
 */
export async function importWeights(
  file: string,
  { output, kind, model: modelOf, vocabulary: vocabularyFor, vocabularyOf, seed, key }: ImportWeightsOptions,
): Promise<ImportedWeights> {
  // The part that sees does not depend on the number of words.
  const specs = () => visualEncoderSpecs(modelOf(3));
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
    const vocabulary = await vocabularyFor();
    if (vocabulary.size !== words) {
      throw new DataFormatError(
        { file, field: embedding },
        `it has ${words} words; the vocabulary of ${vocabularyOf} has ${vocabulary.size}. Give the annotations that it was trained on.`,
      );
    }
    const model = modelOf(words);
    const { values, metadata } = await loadWeights(weights, model.parameters, { optional: kind.isOptional });
    // Parts that the model does not run may be missing; the checkpoint is whole nevertheless.
    const absent = model.parameters.filter(({ name }) => !values[name]);
    const all = { ...initializeParameters(absent, seed), ...values };
    // The file's own description, if it has one, is of the model that it was saved by.
    const own = Object.entries(metadata).filter(([name]) => !descriptionKeys.includes(name));
    const notes = { ...Object.fromEntries(own), source: 'imported' };
    await saveCheckpoint(output, { model, values: all, vocabulary, notes });
    return { holds: 'checkpoint', tensors: model.parameters.length };
  } finally {
    await weights.close();
  }
}
