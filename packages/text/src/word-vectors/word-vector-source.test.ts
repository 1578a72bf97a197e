import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RefclipError } from '@refclip/structures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fixture from './__fixtures__/word-vectors.json' with { type: 'json' };
import { buildWordVectors } from './build-word-vectors.js';
import {
  guessWordVectorFormat,
  type WordVectorFormat,
  type WordVectorSource,
  wordVectorFormats,
} from './word-vector-source.js';

const fixtures = join(import.meta.dirname, '__fixtures__');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-vectors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = (
  format: WordVectorFormat,
  source: WordVectorSource,
  words: readonly string[],
  pieces?: ReadonlyMap<string, string[]>,
) =>
  buildWordVectors(words, {
    read: (table) => wordVectorFormats[format](source, table),
    dimension: source.dimension,
    pieces,
  });

/** A `.npy` file of format 1, with NumPy's padding left out. */
function npy(shape: string, data: Uint8Array, descr = '<f4', fortranOrder = 'False'): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortranOrder}, 'shape': (${shape}), }\n`;
  return Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length, 0]), Buffer.from(text), data]);
}
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

describe('spaCy packages', () => {
  const words = [...Object.keys(fixture.spacy), 'UNK', 'unheard'];
  const expected = [...Object.values(fixture.spacy).flat(), 0, 0, 0, 0, 0, 0, 0, 0];

  it.each(['spacy-gnu.tar.gz', 'spacy-long-gnu.tar.gz', 'spacy-long-pax.tar.gz', 'spacy.whl'])('%s', async (name) => {
    expect(guessWordVectorFormat(name, false)).toBe('spacy');
    const result = await read('spacy', { path: join(fixtures, name) }, words);
    expect(Array.from(result.vectors)).toEqual(expected);
    expect(result.missing).toEqual(['UNK', 'unheard']);
  });

  /** A package as a folder: symbol 432 ("number") in row 1, "a" in row 0 and, without a row, "ab". */
  async function unpacked(name: string, { keys, matrix }: { keys?: readonly number[]; matrix?: Uint8Array } = {}) {
    const vocab = join(folder, name, 'en_vectors_web_lg-2.1.0', 'vocab');
    await mkdir(vocab, { recursive: true });
    const hash = (word: 'a' | 'ab') =>
      [...new Uint8Array(new BigUint64Array([BigInt(fixture.hashes[word])]).buffer)].reverse();
    const all = [0x83, 0xcf, ...hash('a'), 0, 0xcd, 1, 0xb0, 1, 0xcf, ...hash('ab'), 0xff];
    await writeFile(join(vocab, 'key2row'), Uint8Array.from(keys ?? all));
    await writeFile(join(vocab, 'vectors'), matrix ?? npy('2, 2', floats(1, 2, 3, 4)));
    return join(folder, name);
  }

  it('a folder', async () => {
    const path = await unpacked('good');
    const bytes: number[] = [];
    const result = await read('spacy', { path, onBytes: (count) => bytes.push(count) }, ['number', 'a', 'ab']);
    expect(Array.from(result.vectors)).toEqual([3, 4, 1, 2, 0, 0]);
    expect(bytes.length).toBeGreaterThan(0);
  });

  it.each([
    ['a row beyond the matrix', { keys: [0x81, 0xcd, 1, 0xb0, 7] }, /"number" is in row 7 of a matrix with 2 rows/],
    ['a matrix that ends early', { matrix: npy('2, 2', floats(1, 2, 3)) }, /row 1.*truncated/],
    ['a matrix in column order', { matrix: npy('2, 2', floats(1, 2, 3, 4), '<f4', 'True') }, /column order/],
    ['whole numbers', { matrix: npy('2, 2', floats(1, 2, 3, 4), '<i4') }, /got <i4 \[2, 2\]/],
    ['absurd shapes', { matrix: npy('2, 900000000', floats(1, 2, 3, 4)) }, /vectors of 900000000 numbers/],
    ['damaged keys', { keys: [1, 2, 3] }, /MessagePack/],
  ])('refuses %s', async (name, content, message) => {
    await expect(read('spacy', { path: await unpacked(name, content) }, ['number', 'a'])).rejects.toThrow(message);
  });

  it('says what a folder holds that is no package', async () => {
    await mkdir(join(folder, 'other'));
    await writeFile(join(folder, 'other', 'readme.txt'), '');
    await expect(read('spacy', { path: join(folder, 'other') }, ['a'])).rejects.toThrow(/key2row; it holds readme.txt/);
  });

  it('gives an error of ours for every truncation of an archive', async () => {
    for (const name of ['spacy-long-pax.tar.gz', 'spacy.whl']) {
      const whole = await readFile(join(fixtures, name));
      for (let length = 0; length < whole.length; length += 13) {
        await writeFile(join(folder, 'cut'), whole.subarray(0, length));
        const result = await read('spacy', { path: join(folder, 'cut') }, words).catch((error: unknown) => error);
        // The end of a gzip file is its checksum: the content may be there before it.
        if (!RefclipError.isInstance(result)) expect(result).toMatchObject({ vectors: Float32Array.from(expected) });
      }
    }
  });
});

describe('texts', () => {
  const words = ['left', 'café', '5', 'the', 'at', 'none'];
  const expected = [0.5, -0.125, 3, 4, 5, 6, 1, 1, 1, -0.5, 2, 100, 0, 0, 0, 0, 0, 0];
  const text = `${fixture.glove.join('\n')}\n`;

  it.each<[string, () => Uint8Array]>([
    ['glove.txt', () => Buffer.from(text)],
    ['glove.txt.gz', () => gzipSync(text)],
  ])('%s', async (name, bytes) => {
    await writeFile(join(folder, name), bytes());
    expect(guessWordVectorFormat(name, false)).toBe('glove');
    const result = await read('glove', { path: join(folder, name), dimension: 3 }, words);
    expect(Array.from(result.vectors)).toEqual(expected);
    expect(result.missing).toEqual(['at', 'none']);
  });

  it('a zip archive of several, by dimension or by name', async () => {
    const path = join(fixtures, 'glove.zip');
    const counted: number[] = [];
    const byDimension = await read('glove', { path, dimension: 3, onBytes: (count) => counted.push(count) }, words);
    expect(Array.from(byDimension.vectors)).toEqual(expected);
    expect(counted.every((count) => Number.isFinite(count) && count >= 0)).toBe(true);
    const byName = await read('glove', { path, entry: 'glove.6B.2d.txt' }, ['left']);
    expect(Array.from(byName.vectors)).toEqual([1, 2]);
    await expect(read('glove', { path, dimension: 300 }, ['left'])).rejects.toThrow(
      /expected a text of word vectors \(.txt or .vec, 300d\); it holds glove.6B.2d.txt, glove.6B.3d.txt/,
    );
  });

  it('refuses a damaged gzip file', async () => {
    await writeFile(join(folder, 'cut.gz'), gzipSync(text).subarray(0, 60));
    await expect(read('glove', { path: join(folder, 'cut.gz') }, words)).rejects.toThrow(/truncated or damaged/);
  });
});

describe('matrices', () => {
  it.each([
    ['<f4', floats(1, 2, 3, 4, 5, 6)],
    ['<f8', new Uint8Array(Float64Array.of(1, 2, 3, 4, 5, 6).buffer)],
    ['<f2', new Uint8Array(Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600).buffer)],
  ])('of %s', async (descr, data) => {
    const [path, wordList] = [join(folder, 'm.npy'), join(folder, 'm.json')];
    await writeFile(path, npy('3, 2', data, descr));
    await writeFile(wordList, '["b", "a", "b"]');
    const result = await read('npy', { path, wordList }, ['a', 'b', 'c']);
    expect(Array.from(result.vectors)).toEqual([3, 4, 1, 2, 0, 0]);
  });

  it('refuses a word list of another length', async () => {
    const [path, wordList] = [join(folder, 'n.npy'), join(folder, 'n.txt')];
    await writeFile(path, npy('2, 1', floats(1, 2)));
    await writeFile(wordList, 'a\nb\nc\n');
    await expect(read('npy', { path, wordList }, ['a'])).rejects.toThrow(/has 2 rows for the 3 words/);
  });
});

it('gives a word of several pieces the mean of their vectors, as spaCy does', async () => {
  const pieces = new Map([
    ['dont', ['do', 'nt']],
    ['doxx', ['do', 'xx']],
    ['xxyy', ['xx', 'yy']],
    ['the', ['do']],
  ]);
  const result = await read(
    'spacy',
    { path: join(fixtures, 'spacy.whl') },
    ['dont', 'doxx', 'xxyy', 'the', 'do'],
    pieces,
  );
  const [first, second] = [fixture.spacy.do, fixture.spacy.nt];
  const mean = (a: readonly number[], b: readonly number[]) => a.map((value, d) => (value + (b[d] as number)) / 2);
  expect(Array.from(result.vectors)).toEqual(
    [mean(first, second), mean(first, [0, 0, 0, 0]), [0, 0, 0, 0], first, first].flat(),
  );
  expect(result.missing).toEqual(['xxyy']);
});
