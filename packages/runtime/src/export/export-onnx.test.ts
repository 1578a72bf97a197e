import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostTensor } from '../host-tensor.js';
import type { Program } from '../types.js';
import { exportOnnx } from './export-onnx.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-export-'));
});
afterEach(() => rm(directory, { recursive: true }));

const filter = uniform('filter', 3 * 3 * 8 * 16);
const program: Program = ({ image }, { filter: w }) => ({
  map: tf.relu(
    tf.conv2d(tf.div<tf.Tensor4D>(tf.cast(image as tf.Tensor4D, 'float32'), 255), w as tf.Tensor4D, 1, 'same'),
  ),
});
const options = {
  name: 'tiny',
  inputs: { image: { shape: [1, 6, 6, 8], dtype: 'uint8' } },
  constants: { filter: hostTensor(filter, [3, 3, 8, 16]) },
} as const;
const image = Uint8Array.from(uniform('image', 288, 0, 256));

async function check(file: string): Promise<void> {
  // Plain ONNX Runtime, nothing of ours.
  const session = await InferenceSession.create(file);
  expect(session.inputNames).toEqual(['image']);
  expect(session.outputNames).toEqual(['map']);
  const { map } = await session.run({ image: new Tensor('uint8', image, [1, 6, 6, 8]) });
  const expected = tf.tidy(() => {
    const x = tf.div(tf.tensor4d(Array.from(image), [1, 6, 6, 8]), 255) as tf.Tensor4D;
    return tf.relu(tf.conv2d(x, tf.tensor4d(filter, [3, 3, 8, 16]), 1, 'same')).dataSync();
  });
  expect(map?.data as Float32Array).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-5 });
  await session.release();
}

test('one file runs in plain ONNX Runtime', async () => {
  const file = join(directory, 'tiny.onnx');
  await exportOnnx(program, { ...options, file });
  expect(await readdir(directory)).toEqual(['tiny.onnx']);
  await check(file);
});

test('external data runs in plain ONNX Runtime, and leaves a small model', async () => {
  const file = join(directory, 'tiny.onnx');
  await exportOnnx(program, { ...options, file, externalData: true, metadata: { source: 'a test' } });
  expect((await readdir(directory)).sort()).toEqual(['tiny.onnx', 'tiny.onnx.data']);
  expect((await stat(file)).size).toBeLessThan(filter.byteLength / 2);
  await check(file);
});
