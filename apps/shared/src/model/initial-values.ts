import { type AnyModel, initialValues as initialValuesOf, type VisualKind } from '@refclip/referring';
import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { randomWordVectors, readWordVectors, type Vocabulary } from '@refclip/text';
import type { TrainerConfig } from '../config/config-schema.js';
import { modelKind } from './model-kinds.js';

/**
 * First values of a configured model: drawn from the seed, with the configured detector weights and word vectors in their places.
 *
 * @throws as `initialValues` of `@refclip/referring`; {DataFormatError} when the word vectors are not of this vocabulary and dimension.
 */
export async function initialValues(
  config: TrainerConfig,
  model: AnyModel,
  vocabulary: Vocabulary,
  kind: VisualKind = modelKind(model.name),
): Promise<NamedHostTensors> {
  return await initialValuesOf(model, {
    kind,
    seed: config.seed,
    wordVectors: await wordVectors(config, vocabulary),
    weights: config.detector.weights ?? undefined,
    onNote: (note) => process.stderr.write(`${note}\n`),
  });
}

async function wordVectors(
  { wordVectors: { kind, file, dimension, seed } }: TrainerConfig,
  vocabulary: Vocabulary,
): Promise<HostTensor> {
  return kind === 'file'
    ? readWordVectors(file as string, vocabulary, dimension)
    : randomWordVectors(vocabulary, { dimension, seed });
}
