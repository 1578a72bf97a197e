import { initializeParameters } from '@refclip/nn';
import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import type { AnyModel } from '../kinds/model-kind.js';
import { loadVisualEncoder, type VisualKind } from './load-visual-encoder.js';

const prefix = 'visual_encoder.';

/** What the first values of a model are made of. */
export interface InitialValuesOptions {
  /** The kind of the model. */
  readonly kind: VisualKind;
  /** Every tensor that is given nothing is drawn from it. */
  readonly seed: number;
  /** The word embedding, `[words, dimension]`. */
  readonly wordVectors: HostTensor;
  /** A file with what the model sees with: its own weights, a whole checkpoint, or Darknet's numbers. Absent: random. */
  readonly weights?: string | undefined;
  /** Called with a sentence for people when the file holds a part of them alone. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * First values of a model: drawn from the seed, with the weights of what it sees with and the word vectors in their places.
 *
 * @throws {WeightsError} listing everything that does not fit when the weights are of another model; {FileError}, {DataFormatError} for their file.
 */
export async function initialValues(
  model: AnyModel,
  { kind, seed, wordVectors, weights, onNote }: InitialValuesOptions,
): Promise<NamedHostTensors> {
  const given: NamedHostTensors = {
    ...(weights === undefined ? {} : await visualValues(weights, { model, kind, onNote })),
    'lang_encoder.embedding.weight': wordVectors,
  };
  // A tensor draws from a stream of its own: leaving others out changes nothing.
  const absent = model.parameters.filter(({ name }) => !given[name]);
  return { ...initializeParameters(absent, seed), ...given };
}

async function visualValues(
  file: string,
  { model, kind, onNote }: Pick<InitialValuesOptions, 'kind' | 'onNote'> & { readonly model: AnyModel },
): Promise<NamedHostTensors> {
  const values = Object.entries(await loadVisualEncoder(file, model, kind));
  const all = model.parameters.filter(({ name }) => name.startsWith(prefix) && !kind.isOptional(name));
  if (values.length < all.length)
    onNote?.(`${file}: ${values.length} of ${all.length} tensors of the detector; the rest were initialized at random`);
  return Object.fromEntries(values.map(([name, tensor]) => [prefix + name, tensor]));
}
