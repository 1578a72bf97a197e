import { DataFormatError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import { readGloveVectors } from './read-glove-vectors.js';
import { WordVectorTable } from './word-vector-table.js';

async function* piecesOf(text: string, size: number) {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(
  text: string,
  words: readonly string[],
  { size = 1 << 20, dimension }: { size?: number; dimension?: number } = {},
) {
  const table = new WordVectorTable(words, dimension);
  await readGloveVectors(piecesOf(text, size), table, 'glove.txt');
  return table;
}

describe('readGloveVectors', () => {
  it.each([1, 2, 3, 7, 1 << 20])('reads pieces of %i bytes', async (size) => {
    const table = await read('the 1 2.5\nçedilla -.5 1e-2\nleft +3 4.\r\nend 5 6', ['left', 'çedilla', 'none', 'end'], {
      size,
    });
    expect(table.dimension).toBe(2);
    expect(table.vectors).toEqual(Float32Array.of(3, 4, -0.5, 1e-2, 0, 0, 5, 6));
    expect(table.missing).toEqual(['none']);
  });

  it('passes over words with spaces, and takes the first vector of a word', async () => {
    const table = await read('x 0 0\nat home 5 6\nat 1 2\nat 3 4\n', ['at']);
    expect(table.vectors).toEqual(Float32Array.of(1, 2));
  });

  it('tells a head from a word', async () => {
    expect((await read('2 3\na 1 2 3 \nb 4 5 6 \n', ['b'])).vectors).toEqual(Float32Array.of(4, 5, 6));
    expect((await read('2 3 4\n7 4 5\n', ['2', '7'])).vectors).toEqual(Float32Array.of(3, 4, 4, 5));
  });

  it('stops when every word is found', async () => {
    async function* endless() {
      yield new TextEncoder().encode('a 1 2\n');
      for (let i = 0; ; i++) yield new TextEncoder().encode(`${i} 1 2\n`);
    }
    const table = new WordVectorTable(['a', '5']);
    await readGloveVectors(endless(), table, 'endless');
    expect(table.missing).toEqual([]);
  });

  it.each([
    ['too few numbers', 'a 1 2\nb 1\n', /line 2: expected 2 numbers after the word; got 1 numbers/],
    ['a word among the numbers', 'a 1 2\nb 1 x\n', /line 2: expected 2 numbers after the word; got "x"/],
    ['a number beyond float32', 'a 1 2\nb 1 1e99\n', /line 2: expected 2 numbers after the word; got "1e99"/],
    ['no numbers', 'hello\n', /line 1: expected a word and numbers/],
    ['nothing', '', /holds no word vectors/],
    ['an absurd head', '1 99999999\nb 1\n', /vectors of 99999999 numbers/],
    ['a line without end', `a 1 2\n${'x'.repeat(1.5e6)}`, /a line has more than/],
  ])('refuses %s', async (_, text, message) => {
    await expect(read(text, ['a', 'b'], { size: 1 << 16 })).rejects.toThrow(message);
    await expect(read(text, ['a', 'b'])).rejects.toThrow(DataFormatError);
  });

  it('refuses another dimension at once', async () => {
    await expect(read('a 1 2\n', ['a'], { dimension: 3 })).rejects.toThrow(/holds vectors of 2 numbers; expected 3/);
  });
});
