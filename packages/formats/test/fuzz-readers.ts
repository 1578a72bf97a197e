import { readFileSync } from 'node:fs';
import { DataFormatError } from '@refclip/structures';
import type { FuzzTarget } from '@refclip/testing';
import { zipSync } from 'fflate';
import {
  bytesInMemory,
  decodeRunLengths,
  encodeNpy,
  encodeNpz,
  encodePickle,
  encodeRunLengths,
  encodeSafetensors,
  encodeTorch,
  type LazyTensor,
  openDarknet,
  openNpz,
  openSafetensors,
  openStateDict,
  openTorch,
  PickleTuple,
  parseDarknetConfig,
  parseNpy,
  parseSafetensors,
  readPickle,
  TorchTensor,
  type TorchValue,
} from '../src/index.js';

const pickleFile = (name: string) => readFileSync(new URL(`../src/pickle/__fixtures__/${name}`, import.meta.url));
const torchFile = (name: string) => readFileSync(new URL(`../src/torch/__fixtures__/${name}`, import.meta.url));

const weights = {
  'a.weight': { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  'a.half': { dtype: 'F16', shape: [3], data: Uint16Array.of(1, 2, 3) },
  count: { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) },
  empty: { dtype: 'F32', shape: [0, 4], data: new Float32Array() },
} as const;
const checkpoint = { epoch: 3, lr: 0.1, list: [new PickleTuple(['x', 1]), null, true], state_dict: weights };
const torch = (container: 'zip' | 'legacy') => Buffer.concat([...encodeTorch(checkpoint, { container })]);
const npz = Buffer.concat([...encodeNpz(weights)]);
const packed = (files: Record<string, Uint8Array>) => zipSync(files, { level: 9 });
const config =
  '[net]\nchannels=3\n[convolutional]\nfilters=4\nsize=3\n[route]\nlayers=-1\n[convolutional]\nfilters=2\nsize=1\n';
const darknet = Buffer.concat([Buffer.from(Int32Array.of(0, 2, 5, 9, 0).buffer), Buffer.alloc(4 * 130)]);

async function readAll(tensors: Iterable<LazyTensor>): Promise<void> {
  for (const tensor of tensors) await tensor.read();
}

function* tensorsIn(value: TorchValue): Generator<TorchTensor> {
  if (value instanceof TorchTensor) yield value;
  else if (Array.isArray(value)) for (const item of value) yield* tensorsIn(item);
  else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
    for (const item of Object.values(value)) yield* tensorsIn(item);
}

/** Every reader of the package. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: 'readPickle',
    seeds: [
      ...['refs-protocol0.p', 'refs-protocol1.p', 'refs-protocol2.p', 'refs-protocol4.p', 'refs-python2.p'].map(
        pickleFile,
      ),
      pickleFile('malicious.p'),
      encodePickle(['x', 2n ** 70n, [[[1.5]]], { a: new PickleTuple([1, 2, 3, 4]) }]),
    ],
    read: (bytes) =>
      JSON.stringify(readPickle(bytes, 'x'), (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  },
  {
    name: 'openTorch',
    seeds: [
      torch('zip'),
      torch('legacy'),
      ...['zip.pth', 'legacy.pth', 'checkpoint-ddp.pth', 'tuples.pth', 'malicious.pth'].map(torchFile),
      packed({ 'a/data.pkl': encodePickle([1, 'two']), 'a/version': Buffer.from('3\n') }),
    ],
    read: async (bytes) => readAll(tensorsIn(await openTorch(bytesInMemory(bytes, 'x')))),
  },
  {
    name: 'openStateDict',
    seeds: [torch('zip'), torch('legacy'), npz, encodeSafetensors(weights), torchFile('half.pth')],
    read: async (bytes) => readAll((await openStateDict(bytesInMemory(bytes, 'x'))).tensors.values()),
  },
  {
    name: 'openSafetensors',
    seeds: [encodeSafetensors(weights, { note: 'x' })],
    read: async (bytes) => readAll((await openSafetensors(bytesInMemory(bytes, 'x'))).tensors.values()),
  },
  {
    name: 'parseSafetensors',
    seeds: [encodeSafetensors(weights, { note: 'x' })],
    read: (bytes) => parseSafetensors(bytes, 'x'),
  },
  {
    name: 'openNpz',
    seeds: [npz, packed({ 'a.npy': Buffer.concat(encodeNpy(weights['a.weight'])) })],
    read: async (bytes) => readAll((await openNpz(bytesInMemory(bytes, 'x'))).values()),
  },
  { name: 'parseNpy', seeds: [Buffer.concat(encodeNpy(weights['a.weight']))], read: (bytes) => parseNpy(bytes, 'x') },
  {
    name: 'openDarknet',
    seeds: [darknet],
    read: async (bytes) => {
      const layers = parseDarknetConfig(config, 'x');
      for (const { bias, kernel } of (await openDarknet(bytesInMemory(bytes, 'x'))).convolutions(layers))
        await readAll([bias, kernel]);
    },
  },
  {
    name: 'parseDarknetConfig',
    seeds: [Buffer.from(config)],
    read: (bytes) => parseDarknetConfig(Buffer.from(bytes).toString('latin1'), 'x'),
  },
  {
    name: 'decodeRunLengths',
    seeds: [Buffer.from(encodeRunLengths([5, 2, 2, 2, 307_200, 1, 9]))],
    // Not a file: what is wrong gives undefined.
    read: (bytes) => {
      if (!decodeRunLengths(Buffer.from(bytes).toString('latin1')))
        throw new DataFormatError({ file: 'x' }, 'no run lengths');
    },
  },
];
