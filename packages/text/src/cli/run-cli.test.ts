import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Vocabulary } from '../vocabulary/vocabulary.js';
import { readWordVectors } from '../word-vectors/word-vector-files.js';
import { runCli } from './run-cli.js';

const spacy = join(import.meta.dirname, '../word-vectors/__fixtures__/spacy-gnu.tar.gz');
let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-text-'));
  const splits = { train: [{ refs: ['the left one', "don't"] }], val: [{ refs: ['left of the café'] }] };
  await writeFile(at('annotations.json'), JSON.stringify(splits));
  await writeFile(at('glove.txt'), 'the 1 2\nleft 3 4\nUNK 5 6\n');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const stream = new Writable({
    write(chunk, _, done) {
      err += String(chunk);
      done();
    },
  });
  const code = await runCli(args, { out: (text) => (out += text), err: stream });
  return { code, out, err, json: () => JSON.parse(out.trim().split('\n').at(-1) as string) };
}
const build = (...args: string[]) =>
  run('vectors', '--annotations', at('annotations.json'), '--output', at('v.safetensors'), ...args);

describe('refclip-text vectors', () => {
  it('writes what the trainer reads, and says which words have no vector', async () => {
    const { code, json } = await build('--from', spacy, '--dimension', '4', '--json');
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      words: 9,
      found: 4,
      missing: ['UNK', 'CLS', 'one', 'dont', 'of'],
      tokens: { all: 8, found: 5 },
    });
    const vocabulary = Vocabulary.fromWords(['PAD', 'UNK', 'CLS', 'café', 'the', 'left']);
    const { shape, data } = await readWordVectors(at('v.safetensors'), vocabulary, 4);
    expect(shape).toEqual([6, 4]);
    expect(Array.from(data.slice(12))).toEqual([3, 3.125, 3.25, 3.375, 9, 9.125, 9.25, 9.375, 2, 2.125, 2.25, 2.375]);
    expect(Array.from(data.slice(0, 8))).toEqual([1, 1.125, 1.25, 1.375, 0, 0, 0, 0]);
  });

  it('takes word lists, pieces, and tells people what to do next', async () => {
    await writeFile(at('words.txt'), 'left\nthe\nthe-left\n');
    await writeFile(at('pieces.json'), '{"the-left": ["the", "left"]}');
    const given = [
      '--words',
      at('words.txt'),
      '--from',
      at('glove.txt'),
      '--pieces',
      at('pieces.json'),
      '--dimension',
      '2',
    ];
    const { code, out } = await run('vectors', ...given, '--output', at('w.safetensors'));
    expect(code).toBe(0);
    expect(out).toContain('4 of 6 words have a vector (66.67 %)\nzeros for: PAD CLS\n');
    expect(out).toContain('next: in the training configuration, wordVectors:');
    const words = ['PAD', 'UNK', 'CLS', 'left', 'the', 'the-left'];
    const { data } = await readWordVectors(at('w.safetensors'), Vocabulary.fromWords(words), 2);
    expect(Array.from(data)).toEqual([0, 0, 5, 6, 0, 0, 3, 4, 1, 2, 2, 3]);
  });

  it('writes the same bytes each time', async () => {
    await build('--from', at('glove.txt'), '--dimension', '2');
    const first = await readFile(at('v.safetensors'));
    await build('--from', at('glove.txt'), '--dimension', '2');
    expect(await readFile(at('v.safetensors'))).toEqual(first);
  });

  it('ends with 2 for wrong usage, 1 for wrong files, 0 for help', async () => {
    expect((await run('vectors', '--from', spacy, '--output', at('x'))).code).toBe(2);
    expect((await build('--from', spacy, '--words', at('words.txt'))).code).toBe(2);
    expect((await build('--from', 'm.npy', '--dimension', '0')).code).toBe(2);
    expect((await build('--from', spacy, '--format', 'npy')).code).toBe(2);
    const none = await build('--from', at('none.txt'), '--json');
    expect([none.code, none.json().kind]).toEqual([1, 'file']);
    const dimension = await build('--from', at('glove.txt'), '--json');
    expect([dimension.code, dimension.json().error]).toEqual([
      1,
      `${at('glove.txt')}: holds vectors of 2 numbers; expected 300.`,
    ]);
    await writeFile(at('broken.json'), '{"train": [{"refs": ["a"]}, {"ref": 1}]}');
    const broken = await run('vectors', '--annotations', at('broken.json'), '--from', spacy, '--output', at('x'));
    expect([broken.code, broken.err.includes('record train 1')]).toEqual([1, true]);
    const help = await run('vectors', '--help');
    expect([help.code, help.out.includes('Examples:')]).toEqual([0, true]);
  });
});
