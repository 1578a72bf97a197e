import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createEngine } from '../create-engine.js';
import { hostTensor } from '../host-tensor.js';
import type { Program } from '../types.js';
import { createExecutablePool } from './create-executable-pool.js';

const program: Program = ({ x }, { w }) => ({ y: tf.relu(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)) });
const options = {
  name: 'product',
  inputs: { x: { shape: [2, 16], dtype: 'float32' } },
  constants: { w: hostTensor(uniform('w', 16 * 32), [16, 32]) },
} as const;
const feedsOf = (i: number) => ({ x: hostTensor(uniform(`x${i}`, 32), [2, 16]) });

test('gives each call the results of its own inputs, as one session does', async () => {
  const engine = await createEngine({ engine: 'compiled', device: 'cpu' });
  const single = await engine.compile(program, options);
  const pool = await createExecutablePool(program, { ...options, workers: 2 });
  const calls = Array.from({ length: 9 }, (_, i) => feedsOf(i));
  const [many, one] = [await Promise.all(calls.map((feeds) => pool.run(feeds))), []] as [unknown[], unknown[]];
  for (const feeds of calls) one.push(await single.run(feeds));
  expect(many).toEqual(one);
  await expect(pool.run({})).rejects.toThrow(/input "x"/);
  await pool.dispose();
  await expect(pool.run(feedsOf(0))).rejects.toThrow(/disposed/);
  await engine.dispose();
});

test('calls that are under way when the pool goes are refused', async () => {
  const pool = await createExecutablePool(program, { ...options, workers: 1 });
  const calls = [pool.run(feedsOf(0)), pool.run(feedsOf(1))].map((call) => call.catch((error: Error) => error.message));
  await pool.dispose();
  expect(await Promise.all(calls)).toEqual([expect.stringMatching(/disposed/), expect.stringMatching(/disposed/)]);
});

test('a program that cannot be compiled is refused before any worker starts', async () => {
  const values: Program = ({ x }) => ({ y: tf.tensor((x as tf.Tensor).dataSync()) });
  await expect(createExecutablePool(values, options)).rejects.toThrow();
});
