import { readSafetensors, toFloat32, writeSafetensors } from '@refclip/formats';
import { type HostTensor, hostTensor } from '@refclip/runtime';
import { DataFormatError } from '@refclip/structures';
import type { Vocabulary } from '../vocabulary/vocabulary.js';
import type { WordVectors } from './build-word-vectors.js';

/**
 * Writes word vectors as safetensors: the tensor `vectors` `[words, dimension]`, and `words` and `missing` as JSON lists in the metadata.
 *
 * @param source  where they come from, for people.
 * @throws {FileError} when it cannot be written; nothing is left half-written.
 */
export async function writeWordVectors(
  file: string,
  { words, dimension, vectors, missing }: WordVectors,
  source: string,
): Promise<void> {
  await writeSafetensors(
    file,
    { vectors: { dtype: 'F32', shape: [words.length, dimension], data: vectors } },
    { words: JSON.stringify(words), missing: JSON.stringify(missing), source },
  );
}

/**
 * The vectors of a vocabulary, from a file of `writeWordVectors`. The file may hold more words, in any order.
 *
 * @param dimension  the model's.
 * @returns float32 `[vocabulary.size, dimension]`; zeros for words that the vectors' source did not have.
 * @throws {DataFormatError} with all that does not fit: another dimension, words of the vocabulary that the file does not know.
 */
export async function readWordVectors(file: string, vocabulary: Vocabulary, dimension: number): Promise<HostTensor> {
  const { tensors, metadata } = await readSafetensors(file);
  const { vectors } = tensors;
  const words = parseWords(metadata.words);
  if (!words || vectors?.shape.length !== 2 || vectors.shape[0] !== words.length) {
    const got = `${Object.keys(tensors).join(', ') || 'no tensors'}${words ? ` for ${words.length} words` : ', no words'}`;
    throw new DataFormatError(
      { file },
      `expected word vectors (tensor "vectors" [words, dimension], metadata "words"); got ${got}. Make it with: refclip-text vectors`,
    );
  }
  const problems: string[] = [];
  if (vectors.shape[1] !== dimension) {
    problems.push(`holds vectors of ${vectors.shape[1]} numbers; expected ${dimension} (wordVectors.dimension)`);
  }
  const rows = new Map(words.map((word, row) => [word, row]));
  const unknown = vocabulary.words.filter((word) => !rows.has(word));
  if (unknown.length) {
    const shown = unknown.slice(0, 10).join(', ') + (unknown.length > 10 ? ', …' : '');
    problems.push(`lacks ${unknown.length} of the vocabulary's ${vocabulary.size} words: ${shown}`);
  }
  if (problems.length) {
    throw new DataFormatError({ file }, `${problems.join('; ')}. Make it for this data set with: refclip-text vectors`);
  }
  const all = toFloat32(vectors);
  const data = new Float32Array(vocabulary.size * dimension);
  vocabulary.words.forEach((word, id) => {
    const from = (rows.get(word) as number) * dimension;
    data.set(all.subarray(from, from + dimension), id * dimension);
  });
  return hostTensor(data, [vocabulary.size, dimension]);
}

function parseWords(text: string | undefined): readonly string[] | undefined {
  try {
    const words: unknown = JSON.parse(text ?? '');
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}
