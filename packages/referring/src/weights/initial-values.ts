import { initializeParameters } from '@refclip/nn';
import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { randomWordVectors, readWordVectors, type Vocabulary } from '@refclip/text';
import type { TrainerConfig } from '../config/config-schema.js';
import { loadVisualEncoder } from './load-visual-encoder.js';
import type { AnyModel } from './model-kind.js';
import { modelKind } from './model-kinds.js';

const prefix = 'visual_encoder.';

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
  const given = {
    ...(config.detector.weights ? await visualValues(config.detector.weights, model) : {}),
    'lang_encoder.embedding.weight': await wordVectors(config, vocabulary),
  } as NamedHostTensors;
  // A tensor draws from a stream of its own: leaving others out changes nothing.
  const absent = model.parameters.filter(({ name }) => !given[name]);
  return { ...initializeParameters(absent, config.seed), ...given };
}

async function visualValues(file: string, model: AnyModel): Promise<NamedHostTensors> {
  const values = Object.entries(await loadVisualEncoder(file, model));
  const all = model.parameters.filter(({ name }) => name.startsWith(prefix) && !modelKind(model.name).isOptional(name));
  if (values.length < all.length)
    process.stderr.write(`${file}: ${values.length} of ${all.length} tensors of the detector; the others are drawn\n`);
  return Object.fromEntries(values.map(([name, tensor]) => [prefix + name, tensor]));
}

async function wordVectors(
  { wordVectors: { kind, file, dimension, seed } }: TrainerConfig,
  vocabulary: Vocabulary,
): Promise<HostTensor> {
  return kind === 'file'
    ? readWordVectors(file as string, vocabulary, dimension)
    : randomWordVectors(vocabulary, { dimension, seed });
}
