import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { darknetNumbers, openBytes, openDarknet, openStateDict, openTorch, parseDarknetConfig } from '../src/index.js';

const shared = process.env.REFCLIP_SHARED;
if (!shared) throw new Error('set REFCLIP_SHARED to the folder of the shared files');
const real = (name: string) => join(shared, 'real', name);

describe('PyTorch files from the wild', () => {
  it('lists of tuples are read', async () => {
    const source = await openBytes(real('torch/refcoco-expressions-tuples.pth'));
    const rows = (await openTorch(source)) as unknown[][];
    await source.close();
    expect(rows).toHaveLength(3820);
    expect(rows[0]).toContainEqual([78.41, 178.35, 171.19, 246.65]);
  });

  it.each([
    ['torch/yolo-fastestv2-backbone.pth', 'first_conv.0.weight', [24, 3, 3, 3]],
    ['torch/lpips_v0.1_alex.pth', 'lin0.model.1.weight', [1, 64, 1, 1]],
  ])('%s gives finite weights', async (name, first, shape) => {
    const weights = await openStateDict(real(name));
    expect(weights.tensors.get(first)?.shape).toEqual(shape);
    let elements = 0;
    for (const tensor of weights.tensors.values()) {
      const { data } = await tensor.read();
      for (const value of data) if (Number.isFinite(Number(value))) elements++;
    }
    const all = [...weights.tensors.values()].reduce(
      (sum, t) => sum + t.shape.reduce((product, d) => product * d, 1),
      0,
    );
    expect(elements).toBe(all);
    console.log(`${name}: ${weights.tensors.size} tensors, ${elements} elements`);
    await weights.close();
  });
});

describe("Darknet's files from the wild", () => {
  it('the configuration counts exactly the numbers of the weights, and variances are where they should be', async () => {
    const layers = parseDarknetConfig(await readFile(real('darknet/yolo-fastest-1.1.cfg'), 'utf8'), 'yolo-fastest.cfg');
    const source = await openBytes(real('darknet/yolo-fastest-1.1.weights'));
    const weights = await openDarknet(source);
    const numbers = layers.reduce((sum, layer) => sum + darknetNumbers(layer), 0);
    console.log(
      `version ${weights.version.join('.')}, seen ${weights.seen}, ${layers.length} convolutions, ${weights.count} numbers`,
    );
    expect(numbers).toBe(weights.count);
    for (const { variance } of weights.convolutions(layers))
      for (const value of (await variance?.read())?.data ?? []) expect(Number(value)).toBeGreaterThanOrEqual(0);
    await source.close();
  });
});
