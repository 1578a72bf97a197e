import { CounterRandom } from '@refclip/nn';
import { type HostTensor, hostTensor } from '@refclip/runtime';
import type { Vocabulary } from '../vocabulary/vocabulary.js';

/**
 * Normal vectors with standard deviation 1 for every entry, each from a stream of its own: a word's vector depends on the seed and the word alone.
 * They make words distinct, not similar; for real sentences use trained vectors.
 *
 * @returns float32 `[words, dimension]`; `PAD` is zero.
 */
export function randomWordVectors(
  vocabulary: Vocabulary,
  { dimension = 300, seed }: { readonly dimension?: number; readonly seed: number },
): HostTensor {
  const random = new CounterRandom(seed);
  const data = new Float32Array(vocabulary.size * dimension);
  vocabulary.words.forEach((word, id) => {
    if (id > 0) data.set(random.stream('word', word).normal(dimension), id * dimension);
  });
  return hostTensor(data, [vocabulary.size, dimension]);
}
