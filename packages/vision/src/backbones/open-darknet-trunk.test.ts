import { bytesInMemory, darknetNumbers } from '@refclip/formats';
import { fileShape } from '@refclip/nn';
import { DataFormatError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import { createDetector } from '../yolov3/create-detector.js';
import { isTrunkParameter, openDarknetTrunk } from './open-darknet-trunk.js';

const { parameters } = createDetector({ width: 1 / 8, inputSize: 32, classes: 3 });
const trunk = parameters.filter(({ name }) => isTrunkParameter(name));
const count = trunk
  .filter(({ name }) => !name.endsWith('num_batches_tracked'))
  .reduce((sum, { shape }) => sum + shape.reduce((product, d) => product * d, 1), 0);

/** A file of the numbers 0, 1, 2, …. */
const file = (numbers: number, first = 0) => {
  const head = Buffer.from(Int32Array.of(0, 2, 5, 0, 0).buffer);
  const body = Buffer.from(Float32Array.from({ length: numbers }, (_, i) => first + i).buffer);
  return bytesInMemory(Buffer.concat([head, body]), 'x.weights');
};
/** The 52 convolutions of the paper, by filters and side, divided by 8. */
const paper = [
  [4, 3],
  ...[8, 16, 32, 64, 128].flatMap((c, stage) => [
    [c, 3],
    ...Array.from({ length: [1, 2, 8, 8, 4][stage] as number }, () => [
      [c / 2, 1],
      [c, 3],
    ]).flat(),
  ]),
] as [number, number][];
const config = (layers: readonly [number, number][]) =>
  `[net]\nchannels=3\n${layers.map(([filters, size]) => `[convolutional]\nbatch_normalize=1\nfilters=${filters}\nsize=${size}\n`).join('')}`;

describe('openDarknetTrunk', () => {
  it('gives every tensor of the trunk but the counters, in the order bias, scale, mean, variance, kernel', async () => {
    const { tensors, format } = await openDarknetTrunk(file(count), parameters);
    expect(format).toBe('darknet');
    const expected = trunk.filter(({ name }) => !name.endsWith('num_batches_tracked'));
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))).toEqual(
      Object.fromEntries(expected.map((spec) => [spec.name, fileShape(spec)])),
    );
    const first = async (name: string) => (await tensors.get(`module_list.${name}`)?.read())?.data[0];
    expect(await first('0.batch_norm.bias')).toBe(0);
    expect(await first('0.batch_norm.weight')).toBe(4);
    expect(await first('0.batch_norm.running_mean')).toBe(8);
    expect(await first('0.batch_norm.running_var')).toBe(12);
    expect(await first('0.conv.weight')).toBe(16);
    expect(await first('1.batch_norm.bias')).toBe(16 + 4 * 27);
    expect(await first('2.module_list.0.0.batch_norm.bias')).toBe(16 + 4 * 27 + 4 * 8 + 8 * 4 * 9);
    const last = await tensors.get('module_list.10.module_list.3.1.conv.weight')?.read();
    expect(last?.data.at(-1)).toBe(count - 1);
  });

  it('follows the order of the paper: 52 convolutions, five halvings', async () => {
    const { tensors } = await openDarknetTrunk(file(count), parameters, { config: config(paper) });
    expect([...tensors.keys()].filter((name) => name.endsWith('conv.weight'))).toHaveLength(52);
  });

  it('of the paper, eight times as wide, takes the 40 620 640 numbers of darknet53.conv.74', () => {
    let channels = 3;
    const numbers = paper.map(([filters, size]) => {
      const layer = { name: '', filters: 8 * filters, channels, size, batchNormalize: true };
      channels = layer.filters;
      return darknetNumbers(layer);
    });
    expect(numbers.reduce((sum, count) => sum + count, 0)).toBe(40_620_640);
  });

  it('takes the layers after the trunk up to a last one when the file has them, and the trunk alone when not', async () => {
    // RealGIN's: two blocks without shortcuts and two convolutions, 128 and 64 channels by turns.
    const after = [0, 1].flatMap((block) => [`11.module_list.${block}.0`, `11.module_list.${block}.1`]);
    const layers = [...after, '12', '13'].map((layer, at) => ({
      name: `module_list.${layer}.conv.weight`,
      kind: 'parameter' as const,
      ...(at % 2
        ? { shape: [3, 3, 64, 128], layout: 'conv' as const }
        : { shape: [1, 1, 128, 64], layout: 'conv' as const }),
    }));
    const sample = trunk.find(({ name }) => name.endsWith('conv.weight')) as (typeof trunk)[number];
    const specs = [...trunk, ...layers.map((layer) => ({ ...sample, ...layer }))];
    const whole = count + 3 * (4 * 64 + 64 * 128 + 4 * 128 + 9 * 64 * 128);
    const { tensors } = await openDarknetTrunk(file(whole), specs, { lastLayer: 13 });
    const last = await tensors.get('module_list.13.conv.weight')?.read();
    expect([last?.shape, last?.data.at(-1)]).toEqual([[128, 64, 3, 3], whole - 1]);
    expect((await tensors.get('module_list.11.module_list.0.0.batch_norm.bias')?.read())?.data[0]).toBe(count);
    const alone = await openDarknetTrunk(file(count), specs, { lastLayer: 13 });
    expect([...alone.tensors.keys()].filter((name) => /\.1[123]\./.test(name))).toEqual([]);
    await expect(openDarknetTrunk(file(whole + 1), specs, { lastLayer: 13 })).rejects.toThrow(
      `has ${whole + 1} numbers`,
    );
  });

  it('refuses files of another count, by both counts', async () => {
    await expect(openDarknetTrunk(file(count - 1), parameters)).rejects.toThrow(DataFormatError);
    await expect(openDarknetTrunk(file(count + 5), parameters)).rejects.toThrow(
      `has ${count + 5} numbers; the Darknet-53 trunk takes ${count}`,
    );
  });

  it('takes a longer file when its configuration begins with the trunk', async () => {
    const longer = config([...paper, [1, 1]]);
    await expect(openDarknetTrunk(file(count + 4 + 128), parameters, { config: longer })).resolves.toBeDefined();
    await expect(openDarknetTrunk(file(count + 4 + 127), parameters, { config: longer })).rejects.toThrow(
      `its configuration describes ${count + 132}`,
    );
    const other = config([[5, 3], ...paper.slice(1)]);
    const numbers = count + 4 + 27 + 8 * 9;
    await expect(openDarknetTrunk(file(numbers), parameters, { config: other })).rejects.toThrow(
      'its convolution 0 is [5, 3, 3, 3]; that of the Darknet-53 trunk [4, 3, 3, 3]',
    );
  });

  it('refuses negative variances', async () => {
    const { tensors } = await openDarknetTrunk(file(count, -20), parameters);
    await expect(tensors.get('module_list.0.batch_norm.running_var')?.read()).rejects.toThrow('variance 0 is -8');
  });
});
