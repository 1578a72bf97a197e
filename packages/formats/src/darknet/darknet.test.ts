import { DataFormatError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import { bytesInMemory } from '../bytes/open-bytes.js';
import { darknetNumbers } from './darknet-convolution.js';
import { openDarknet } from './open-darknet.js';
import { parseDarknetConfig } from './parse-darknet-config.js';

const config = `[net]
channels=3 # colors
[convolutional]
batch_normalize=1
filters=4
size=3
; a depthwise one
[convolutional]
groups=4
filters=4
size=1
[shortcut]
from=-2
[route]
layers=-1, 0
[upsample]
stride=2
[convolutional]
filters=2
size=1
[yolo]
`;

/** Header and the numbers 0, 1, 2, …. */
function weights(count: number, minor = 2): Buffer {
  const head = Buffer.alloc(minor >= 2 ? 20 : 16);
  head.writeInt32LE(minor, 4);
  head.writeInt32LE(5, 8);
  head.writeUInt32LE(77, 12);
  return Buffer.concat([head, Buffer.from(Float32Array.from({ length: count }, (_, i) => i).buffer)]);
}
const open = (bytes: Uint8Array) => openDarknet(bytesInMemory(bytes, 'x.weights'));

describe('parseDarknetConfig', () => {
  it('follows channels through groups, shortcuts and routes', () => {
    expect(parseDarknetConfig(config, 'x.cfg')).toMatchObject([
      { filters: 4, channels: 3, size: 3, batchNormalize: true },
      { filters: 4, channels: 1, size: 1, batchNormalize: false },
      { filters: 2, channels: 8, size: 1, batchNormalize: false },
    ]);
  });

  it.each([
    ['', 'no Darknet configuration'],
    ['[convolutional]', 'expected [net]'],
    ['[net]\n[convolutional]\nfilters=x\nsize=1', 'line 2, field filters'],
    ['[net]\n[convolutional]\nfilters=4', 'line 2, field size'],
    ['[net]\n[convolutional]\nfilters=4\nsize=1\ngroups=2', '3 channels do not divide into 2 groups'],
    ['[net]\n[route]\nlayers=-1', 'names no earlier layer'],
    ['[net]\n[route]', 'names no earlier layer'],
    ['[net]\n[lstm]\noutput=5', '[lstm] is a layer whose weights are not read here'],
    ['[net]\nnonsense', 'expected [section] or key=value'],
    ['a=b', 'expected [section] or key=value'],
  ])('refuses %j', (text, message) => {
    expect(() => parseDarknetConfig(text, 'x.cfg')).toThrow(DataFormatError);
    expect(() => parseDarknetConfig(text, 'x.cfg')).toThrow(message);
  });
});

describe('openDarknet', () => {
  const layers = parseDarknetConfig(config, 'x.cfg');
  const count = layers.reduce((sum, layer) => sum + darknetNumbers(layer), 0);

  it.each([2, 1])('reads the header of version 0.%i and tensors in their order', async (minor) => {
    const file = await open(weights(count, minor));
    expect(file).toMatchObject({ version: [0, minor, 5], seen: 77n, count: 150 });
    const [first, second] = file.convolutions(layers);
    expect((await first?.bias.read())?.data).toEqual(Float32Array.of(0, 1, 2, 3));
    expect((await first?.scale?.read())?.data[0]).toBe(4);
    expect((await first?.mean?.read())?.data[0]).toBe(8);
    expect((await first?.variance?.read())?.data[0]).toBe(12);
    expect(await first?.kernel.read()).toMatchObject({ shape: [4, 3, 3, 3], data: { 0: 16, 107: 123 } });
    expect(second?.scale).toBeUndefined();
    expect(await second?.kernel.read()).toMatchObject({ shape: [4, 1, 1, 1], data: { 0: 128 } });
  });

  it('refuses a file with too few numbers, by both counts', async () => {
    const file = await open(weights(count - 1));
    expect(() => file.convolutions(layers)).toThrow('has 149 numbers; 3 convolutions of this network take 150');
  });

  it.each([Buffer.alloc(3), weights(3).subarray(0, 21), Buffer.alloc(40, 0xff), weights(0).subarray(0, 17)])(
    'refuses %#',
    async (bytes) => {
      await expect(open(bytes)).rejects.toThrow(DataFormatError);
    },
  );
});
