import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportOnnx } from '../export/export-onnx.js';
import { hostTensor } from '../host-tensor.js';
import type { NamedHostTensors, Program } from '../types.js';

const image = { shape: [1, 12, 12, 3], dtype: 'float32' } as const;
const sample = (name: string) => ({ image: hostTensor(uniform(name, 432, -1, 1), [1, 12, 12, 3]) });
const samples: readonly NamedHostTensors[] = ['a', 'b', 'c', 'd'].map(sample);
const constants = {
  first: hostTensor(uniform('first', 3 * 3 * 3 * 8, -0.6, 0.6), [3, 3, 3, 8]),
  // A channel a hundred times smaller than the others keeps its digits: each has a scale of its own.
  second: hostTensor(
    uniform('second', 64, -1, 1).map((value, i) => (i % 8 === 2 ? value / 100 : value)),
    [1, 1, 8, 8],
  ),
  bias: hostTensor(uniform('bias', 8, -1, 1), [8]),
  predict: hostTensor(uniform('predict', 16 * 4, -1, 1), [1, 1, 16, 4]),
};
const program: Program = (inputs, w) => {
  const unit = (x: tf.Tensor, filter: tf.Tensor | undefined) =>
    tf.leakyRelu(tf.add(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'), w.bias as tf.Tensor), 0.1);
  const x = unit(inputs.image as tf.Tensor, w.first);
  const y = tf.add(x, unit(x, w.second)) as tf.Tensor4D;
  const pooled = tf.maxPool(y, 3, 1, 'same');
  const joined = tf.concat([unit(pooled, w.second), y], 3) as tf.Tensor4D;
  return {
    map: unit(joined.slice([0, 0, 0, 0], [1, 12, 12, 8]), w.second),
    boxes: tf.conv2d(joined, w.predict as tf.Tensor4D, 1, 'same'),
  };
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-int8-'));
  const options = { name: 'toy', inputs: { image }, constants };
  await exportOnnx(program, { ...options, file: join(folder, 'float.onnx') });
  await exportOnnx(program, { ...options, file: join(folder, 'int8.onnx'), calibration: samples });
});
afterAll(() => rm(folder, { recursive: true }));

async function run(name: string, given: NamedHostTensors) {
  const session = await InferenceSession.create(join(folder, name));
  const { data, shape } = given.image as NamedHostTensors[string];
  const { map, boxes } = await session.run({ image: new Tensor('float32', data as Float32Array, [...shape]) });
  await session.release();
  return { map: map?.data as Float32Array, boxes: boxes?.data as Float32Array };
}
const relative = (a: Float32Array, b: Float32Array) =>
  Math.hypot(...a.map((value, i) => value - (b[i] as number))) / Math.hypot(...b);

describe('quantizeModel', () => {
  it('stays near float32, on samples and on what it has not seen', async () => {
    for (const given of [sample('a'), sample('new')]) {
      const [exact, rounded] = [await run('float.onnx', given), await run('int8.onnx', given)];
      expect(relative(rounded.map, exact.map)).toBeLessThan(0.03);
      expect(relative(rounded.boxes, exact.boxes)).toBeLessThan(0.03);
      expect(relative(rounded.map, exact.map)).toBeGreaterThan(1e-5);
    }
  });

  it('is computed in bytes by ONNX Runtime: convolutions, activations, sums and joins; predictions are not', async () => {
    const optimizedModelFilePath = join(folder, 'optimized.onnx');
    await (await InferenceSession.create(join(folder, 'int8.onnx'), { optimizedModelFilePath })).release();
    const text = await readFile(optimizedModelFilePath, 'latin1');
    const count = (type: string) => text.split(`"${String.fromCharCode(type.length)}${type}`).length - 1;
    expect(count('QLinearConv')).toBe(4);
    expect(count('QLinearLeakyRelu')).toBe(4);
    expect(count('QLinearAdd')).toBe(1);
    expect(count('QLinearConcat')).toBe(1);
  });

  it('needs samples, and something to quantize', async () => {
    const options = { name: 'toy', inputs: { image }, constants, file: join(folder, 'none.onnx') };
    await expect(exportOnnx(program, { ...options, calibration: [] })).rejects.toThrow('at least one sample');
    const plain: Program = (inputs) => ({ y: tf.relu(inputs.image as tf.Tensor) });
    await expect(exportOnnx(plain, { ...options, calibration: samples })).rejects.toThrow('nothing to quantize');
  });
});
