import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, FileError } from '@refclip/structures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '../bytes/byte-source.js';
import { bytesInMemory, openBytes } from '../bytes/open-bytes.js';
import { writePieces } from '../files/write-pieces.js';
import { encodeNpz } from '../numpy/encode-npz.js';
import { encodeSafetensors } from '../safetensors/encode-safetensors.js';
import { encodeTorch } from '../torch/encode-torch.js';
import { openStateDict } from './open-state-dict.js';

const weights = {
  'module.a.weight': { dtype: 'F32', shape: [2, 1], data: Float32Array.of(1, 2) },
  'module.b': { dtype: 'I64', shape: [], data: BigInt64Array.of(3n) },
} as const;
const concat = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]);
const open = (bytes: Uint8Array, key?: string) => openStateDict(bytesInMemory(bytes, 'w'), key ? { key } : {});

describe('openStateDict', () => {
  it.each([
    ['a bare state dict', concat(encodeTorch(weights)), 'torch', {}],
    ['an old container', concat(encodeTorch(weights, { container: 'legacy' })), 'torch', {}],
    [
      'a checkpoint',
      concat(encodeTorch({ epoch: 3, lr: 0.5, state_dict: weights })),
      'torch',
      { epoch: '3', lr: '0.5' },
    ],
    ['a checkpoint of TransVG', concat(encodeTorch({ epoch: 3, model: weights, args: {} })), 'torch', { epoch: '3' }],
    ['safetensors', encodeSafetensors(weights, { note: 'x' }), 'safetensors', { note: 'x' }],
    ['an archive of NumPy', concat(encodeNpz(weights)), 'numpy', {}],
  ])('opens %s and takes `module.` off', async (_, bytes, format, metadata) => {
    const dict = await open(bytes);
    expect({ format: dict.format, metadata: { ...dict.metadata } }).toEqual({ format, metadata });
    expect([...dict.tensors.keys()].sort()).toEqual(['a.weight', 'b']);
    expect(await dict.tensors.get('a.weight')?.read()).toEqual(weights['module.a.weight']);
    expect(dict.tensors.get('b')).toMatchObject({ shape: [], dtype: 'I64' });
  });

  it('keeps `module.` when not all names have it', async () => {
    const dict = await open(encodeSafetensors({ ...weights, c: weights['module.b'] }));
    expect(dict.tensors.has('module.b')).toBe(true);
  });

  it('knows safetensors by a header of every length, also where its first byte is that of a pickle', async () => {
    const firstBytes = new Set<number | undefined>();
    for (let length = 0; length < 256; length += 8) {
      const bytes = encodeSafetensors(weights, { note: 'x'.repeat(length) });
      firstBytes.add(bytes[0]);
      expect((await open(bytes)).format).toBe('safetensors');
    }
    expect(firstBytes).toContain(0x80);
  });

  it('looks under another key when told to', async () => {
    const bytes = concat(encodeTorch({ state_dict: weights, ema: { w: weights['module.b'] } }));
    expect([...(await open(bytes, 'ema')).tensors.keys()]).toEqual(['w']);
    await expect(open(bytes, 'none')).rejects.toThrow('no dict of tensors under none; its keys are: state_dict, ema');
  });

  it.each([
    [
      'what are no tensors, by name',
      concat(encodeTorch({ ...weights, epoch: 3, list: [] })),
      /epoch \(number\), list \(a list\)/,
    ],
    ['a list', concat(encodeTorch([1])), 'holds a list; expected a dict of tensors'],
    ['a dict of numbers', concat(encodeTorch({ a: 1 })), 'its keys are: a'],
    ['an empty file', new Uint8Array(), 'is empty'],
    ['a pointer of Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), 'git lfs pull'],
    ['a web page', Buffer.from('<!DOCTYPE html><html>'), 'is a web page'],
    ['a text', Buffer.from('hello, world'), 'begins with "hello, world"'],
    ['a tar', Buffer.from(`${'x'.repeat(257)}ustar`), 'which no known format'],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(open(bytes)).rejects.toThrow(DataFormatError);
    await expect(open(bytes)).rejects.toThrow(message);
  });
});

describe('files on disk', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'refclip-weights-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('that are missing or folders are refused by path', async () => {
    await expect(openStateDict(join(directory, 'none.pth'))).rejects.toThrow(FileError);
    await expect(openStateDict(directory)).rejects.toThrow('is no file');
  });

  /** Two hundred tensors of 100 kB. */
  const many = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [
      `layer.${i}.weight`,
      { dtype: 'F32', shape: [25, 1000], data: new Float32Array(25_000).fill(i) } as const,
    ]),
  );

  it.each([
    ['zip', () => encodeTorch(many)],
    ['legacy', () => encodeTorch(many, { container: 'legacy' })],
    ['safetensors', () => [encodeSafetensors(many)]],
    ['npz', () => encodeNpz(many)],
  ] as const)('%s: one tensor costs its own bytes, not those of the file', async (name, encode) => {
    const file = join(directory, name);
    await writePieces(file, encode());
    let bytesRead = 0;
    const opened = await openBytes(file);
    const counting: ByteSource = {
      ...opened,
      read: (start, length) => {
        bytesRead += length;
        return opened.read(start, length);
      },
    };
    const dict = await openStateDict(counting);
    const toOpen = bytesRead;
    const tensor = await dict.tensors.get('layer.150.weight')?.read();
    await dict.close();
    expect(tensor?.data).toEqual(new Float32Array(25_000).fill(150));
    expect(bytesRead - toOpen).toBeLessThan(100_000 + 100);
    // What is read to open it: lists of names and shapes; for .npz the header of each array, for the old container the first mebibyte.
    expect(toOpen).toBeLessThan(name === 'npz' ? 2.2e6 : name === 'legacy' ? 2 ** 20 + 600 : 3e5);
    expect(opened.size).toBeGreaterThan(20e6);
  });

  it('that end too early are refused when they are opened', async () => {
    const bytes = concat(encodeTorch(many, { container: 'legacy' }));
    await writeFile(join(directory, 'cut'), bytes.subarray(0, bytes.length - 1));
    await expect(openStateDict(join(directory, 'cut'))).rejects.toThrow('the file is truncated');
  });
});
