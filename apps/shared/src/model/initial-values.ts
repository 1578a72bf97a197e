import { loadWeights } from '@refclip/core';
import { initializeParameters } from '@refclip/nn';
import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { randomWordVectors, readWordVectors, type Vocabulary } from '@refclip/text';
import type { TrainerConfig } from '../config/config-schema.js';
import { type AnyModel, modelKind } from './model-kinds.js';

const trunkPrefix = 'visual_encoder.';

/**
 * First values of a model: drawn from the seed, with the configured detector weights and word vectors in their places.
 *
 * @throws {WeightsError} listing everything that does not fit when the detector's weights are of another model; {DataFormatError} when the word
 * vectors are not of this vocabulary and dimension.
 */
export async function initialValues(
  config: TrainerConfig,
  model: AnyModel,
  vocabulary: Vocabulary,
): Promise<NamedHostTensors> {
  const drawn = initializeParameters(model.parameters, config.seed);
  return {
    ...drawn,
    ...(config.detector.weights ? await trunkValues(config.detector.weights, model) : {}),
    'lang_encoder.embedding.weight': await wordVectors(config, vocabulary),
  };
}

/** Weights of the part that sees, whose names in such files lack the prefix. */
async function trunkValues(file: string, model: AnyModel): Promise<NamedHostTensors> {
  const specs = model.parameters
    .filter(({ name }) => name.startsWith(trunkPrefix))
    .map((spec) => ({ ...spec, name: spec.name.slice(trunkPrefix.length) }));
  const { values } = await loadWeights(file, specs, { optional: modelKind(model.name).isOptional });
  return Object.fromEntries(Object.entries(values).map(([name, tensor]) => [trunkPrefix + name, tensor]));
}

async function wordVectors(
  { wordVectors: { kind, file, dimension, seed } }: TrainerConfig,
  vocabulary: Vocabulary,
): Promise<HostTensor> {
  return kind === 'file'
    ? readWordVectors(file as string, vocabulary, dimension)
    : randomWordVectors(vocabulary, { dimension, seed });
}
