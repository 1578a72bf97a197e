import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { encodeNpy, encodeSafetensors } from '@refclip/formats';
import type { FuzzTarget } from '@refclip/testing';
import {
  buildWordVectors,
  readAnnotationVocabulary,
  readWordVectors,
  Vocabulary,
  type WordVectorFormat,
  wordVectorFormats,
} from '../src/index.js';
import { readWordList } from '../src/vocabulary/read-word-list.js';
import fixture from '../src/word-vectors/__fixtures__/word-vectors.json' with { type: 'json' };
import { readWordPieces } from '../src/word-vectors/read-word-pieces.js';

const folder = mkdtempSync(join(tmpdir(), 'refclip-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const fixtureFile = (name: string) =>
  readFileSync(new URL(`../src/word-vectors/__fixtures__/${name}`, import.meta.url));
const at = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

const words = ['left', 'café', '5', 'the', 'at', 'none', ...Object.keys(fixture.spacy), 'unheard'];
/** Vectors of some words out of a file of this name. */
const vectorsOf = (format: WordVectorFormat, path: string, wordList?: string, dimension?: number) =>
  buildWordVectors(words, { read: (table) => wordVectorFormats[format]({ path, wordList, dimension }, table) });

const glove = Buffer.from(`${fixture.glove.join('\n')}\n`);
const headed = Buffer.from(`2 3\n${glove.toString()}`);
const tar = gunzipSync(fixtureFile('spacy-gnu.tar.gz'));
const longTar = gunzipSync(fixtureFile('spacy-long-pax.tar.gz'));
const matrix = Buffer.concat(encodeNpy({ dtype: 'F32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }));
const halves = Buffer.concat(encodeNpy({ dtype: 'F16', shape: [3, 2], data: Uint16Array.of(1, 2, 3, 4, 5, 6) }));
const wordList = at('words.txt', Buffer.from('left\nthe\nat\n'));

/** A package as a folder; `key2row` and `vectors` out of the archive. */
const unpacked = join(folder, 'package', 'vocab');
mkdirSync(unpacked, { recursive: true });
const inTar = (name: string) => {
  for (let head = 0; head + 512 <= tar.length; ) {
    const size = Number.parseInt(tar.toString('latin1', head + 124, head + 135), 8);
    if (
      tar
        .toString('latin1', head, head + 100)
        .replace(/\0.*/s, '')
        .endsWith(`vocab/${name}`)
    )
      return tar.subarray(head + 512, head + 512 + size);
    head += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`the fixture has no ${name}`);
};
const good = { key2row: Buffer.from(inTar('key2row')), vectors: Buffer.from(inTar('vectors')) };
function packageWith(name: keyof typeof good, bytes: Uint8Array): string {
  for (const [file, content] of Object.entries({ ...good, [name]: bytes }))
    writeFileSync(join(unpacked, file), content);
  return join(folder, 'package');
}

/** The checksums of an archive's heads made right again, so that what is in them is read. */
function withChecksums(bytes: Uint8Array): Buffer {
  const fixed = Buffer.from(bytes);
  for (let head = 0; head + 512 <= fixed.length; ) {
    const block = fixed.subarray(head, head + 512);
    if (block.every((byte) => byte === 0)) break;
    block.fill(32, 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    const size = Number.parseInt(block.toString('latin1', 124, 135), 8);
    head += 512 + (Number.isSafeInteger(size) && size > 0 ? Math.ceil(size / 512) * 512 : 0);
  }
  return fixed;
}

const vectorsFile = encodeSafetensors(
  { vectors: { dtype: 'F32', shape: [4, 2], data: new Float32Array(8) } },
  { words: JSON.stringify(['PAD', 'UNK', 'CLS', 'left']), missing: '[]' },
);
const annotations = Buffer.from(
  JSON.stringify({
    train: [{ iid: 1, bbox: [1, 2, 3, 4], cat_id: 0, refs: ['the left one', 'it'], mask_id: 0 }],
    val: [],
  }),
);

/** Every reader of files that come from elsewhere; archives also broken before they are packed, so that more than their checksums is tried. */
export const fuzzTargets: readonly FuzzTarget[] = [
  { name: 'GloVe text', seeds: [glove, headed], read: (bytes) => vectorsOf('glove', at('a.txt', bytes), undefined, 3) },
  { name: 'GloVe gz', seeds: [gzipSync(glove)], read: (bytes) => vectorsOf('glove', at('a.txt.gz', bytes)) },
  {
    name: 'GloVe gz, inside',
    seeds: [glove, headed],
    read: (bytes) => vectorsOf('glove', at('a.txt.gz', gzipSync(bytes, { level: 1 }))),
  },
  {
    name: 'GloVe zip',
    seeds: [fixtureFile('glove.zip')],
    read: (bytes) => vectorsOf('glove', at('a.zip', bytes), undefined, 3),
  },
  { name: 'npy matrix', seeds: [matrix, halves], read: (bytes) => vectorsOf('npy', at('a.npy', bytes), wordList) },
  {
    name: 'spaCy folder, keys',
    seeds: [good.key2row],
    read: (bytes) => vectorsOf('spacy', packageWith('key2row', bytes)),
  },
  {
    name: 'spaCy folder, vectors',
    seeds: [good.vectors],
    read: (bytes) => vectorsOf('spacy', packageWith('vectors', bytes)),
  },
  {
    name: 'spaCy tar.gz',
    seeds: ['spacy-gnu.tar.gz', 'spacy-long-gnu.tar.gz', 'spacy-long-pax.tar.gz'].map(fixtureFile),
    read: (bytes) => vectorsOf('spacy', at('a.tar.gz', bytes)),
  },
  { name: 'spaCy tar', seeds: [tar, longTar], read: (bytes) => vectorsOf('spacy', at('a.tar', bytes)) },
  {
    name: 'spaCy tar, heads',
    // Heads and names: what is between is in the other targets.
    seeds: [tar, longTar],
    read: (bytes) => vectorsOf('spacy', at('a.tar.gz', gzipSync(withChecksums(bytes), { level: 1 }))),
  },
  { name: 'spaCy wheel', seeds: [fixtureFile('spacy.whl')], read: (bytes) => vectorsOf('spacy', at('a.whl', bytes)) },
  {
    name: 'own word vectors',
    seeds: [vectorsFile],
    read: (bytes) =>
      readWordVectors(at('a.safetensors', bytes), Vocabulary.fromWords(['PAD', 'UNK', 'CLS', 'left'], 'x'), 2),
  },
  {
    name: 'word list',
    seeds: [Buffer.from('left\nthe\n'), Buffer.from('["left", "the"]')],
    read: (bytes) => readWordList(at('a.json', bytes)),
  },
  {
    name: 'pieces of words',
    seeds: [Buffer.from('{"dont": ["do", "nt"], "isnt": ["is", "nt"]}')],
    read: (bytes) => readWordPieces(at('a.json', bytes)),
  },
  { name: 'annotations', seeds: [annotations], read: (bytes) => readAnnotationVocabulary(at('a.json', bytes)) },
];
