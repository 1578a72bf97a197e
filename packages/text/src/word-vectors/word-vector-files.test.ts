import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@refclip/formats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Vocabulary } from '../vocabulary/vocabulary.js';
import { readWordVectors, writeWordVectors } from './word-vector-files.js';

let file: string;
beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'refclip-vector-files-')), 'v.safetensors');
});
afterAll(() => rm(join(file, '..'), { recursive: true }));
const vocabulary = Vocabulary.fromExpressions(['left cat']);

it('finds the words of a vocabulary in any order', async () => {
  const words = ['cat', 'more', 'left', 'CLS', 'UNK', 'PAD'];
  await writeWordVectors(
    file,
    { words, dimension: 1, vectors: Float32Array.of(1, 2, 3, 4, 5, 6), missing: [] },
    'test',
  );
  expect(Array.from((await readWordVectors(file, vocabulary, 1)).data)).toEqual([6, 5, 4, 3, 1]);
});

it('names every word it lacks and a wrong dimension in one error', async () => {
  const words = ['PAD', 'UNK', 'CLS'];
  await writeWordVectors(file, { words, dimension: 1, vectors: new Float32Array(3), missing: words }, 'test');
  await expect(readWordVectors(file, vocabulary, 300)).rejects.toThrow(
    /holds vectors of 1 numbers; expected 300.*; lacks 2 of the vocabulary's 5 words: left, cat/,
  );
});

it('refuses other files', async () => {
  const tensor = { dtype: 'F32', shape: [2, 1], data: new Float32Array(2) } as const;
  for (const [tensors, metadata] of [
    [{ weight: tensor }, { words: '["a", "b"]' }],
    [{ vectors: tensor }, {}],
    [{ vectors: tensor }, { words: '["a"]' }],
    [{ vectors: tensor }, { words: '{"a": 1}' }],
    [{ vectors: tensor }, { words: 'no JSON' }],
  ] as const) {
    await writeSafetensors(file, tensors, metadata);
    await expect(readWordVectors(file, vocabulary, 1)).rejects.toThrow(/expected word vectors \(tensor "vectors"/);
  }
});
