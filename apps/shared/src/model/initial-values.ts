import { isUnusedHead, loadWeights, type RefClip } from '@refclip/core';
import { readSafetensors, toFloat32 } from '@refclip/formats';
import { initializeParameters } from '@refclip/nn';
import { type HostTensor, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { DataFormatError } from '@refclip/structures';
import { randomWordVectors, type Vocabulary } from '@refclip/text';
import type { TrainerConfig } from '../config/config-schema.js';

/**
 * First values of a model: drawn from the seed, with the configured detector weights and word vectors in their places.
 *
 * @throws {WeightsError} listing everything that does not fit when the detector's weights are of another model.
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
  if (kind === 'random' || !file) return randomWordVectors(vocabulary, { dimension, seed });
  const { tensors, metadata } = await readSafetensors(file);
  const vectors = tensors.vectors;
  const words = JSON.parse(metadata.words ?? '[]') as string[];
  if (
    vectors?.shape.join() !== [vocabulary.size, dimension].join() ||
    words.join('\n') !== vocabulary.words.join('\n')
  ) {
    throw new DataFormatError(
      { file, field: 'vectors' },
      `expected vectors [${vocabulary.size}, ${dimension}] for the vocabulary of this data set, got [${vectors?.shape.join(', ')}] for ${words.length} words.`,
    );
  }
  return hostTensor(toFloat32(vectors), vectors.shape, 'float32');
}
