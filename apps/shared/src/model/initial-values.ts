import { isUnusedHead, loadWeights, type RefClip } from '@refclip/core';
import { initializeParameters } from '@refclip/nn';
import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { randomWordVectors, readWordVectors, type Vocabulary } from '@refclip/text';
import type { TrainerConfig } from '../config/config-schema.js';

/**
 * First values of a model: drawn from the seed, with the configured detector weights and word vectors in their places.
 *
 * @throws {WeightsError} listing everything that does not fit when the detector's weights are of another model; {DataFormatError} when the word
 * vectors are not of this vocabulary and dimension.
 */
export async function initialValues(
  config: TrainerConfig,
  model: RefClip,
  vocabulary: Vocabulary,
): Promise<NamedHostTensors> {
  const drawn = initializeParameters(model.parameters, config.seed);
  const detector = config.detector.weights
    ? (await loadWeights(config.detector.weights, model.detector.parameters, { optional: isUnusedHead })).values
    : {};
  const named = Object.entries(detector).map(([name, tensor]) => [`visual_encoder.${name}`, tensor] as const);
  return {
    ...drawn,
    ...Object.fromEntries(named),
    'lang_encoder.embedding.weight': await wordVectors(config, vocabulary),
  };
}

async function wordVectors(
  { wordVectors: { kind, file, dimension, seed } }: TrainerConfig,
  vocabulary: Vocabulary,
): Promise<HostTensor> {
  return kind === 'file'
    ? readWordVectors(file as string, vocabulary, dimension)
    : randomWordVectors(vocabulary, { dimension, seed });
}
