import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEngine } from '../create-engine.js';
import { hostTensor } from '../host-tensor.js';
import type { Program } from '../types.js';
import { cacheFiles } from './model-cache.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-cache-'));
});
afterEach(() => rm(directory, { recursive: true }));

const program: Program = ({ x }, { w }) => ({ y: tf.relu(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)) });

async function run(scale = 1): Promise<number[]> {
  const engine = await createEngine({ engine: 'compiled', device: 'cpu', cacheDirectory: directory });
  const executable = await engine.compile(program, {
    name: 'product',
    inputs: { x: { shape: [1, 32], dtype: 'float32' } },
    constants: { w: hostTensor(uniform('w', 1024, -scale, scale), [32, 32]) },
  });
  const { y } = await executable.run({ x: hostTensor(uniform('x', 32), [1, 32]) });
  await engine.dispose();
  return Array.from(y?.data ?? []);
}

test('the second run finds what the first left, and gives the same', async () => {
  const first = await run();
  const entries = await readdir(directory);
  expect(entries).toHaveLength(1);
  expect((await readdir(join(directory, entries[0] as string))).sort()).toEqual(Object.values(cacheFiles).sort());
  expect(await run()).toEqual(first);
  expect(await readdir(directory)).toEqual(entries);
});

test('other weights are another entry', async () => {
  await run();
  await run(2);
  expect(await readdir(directory)).toHaveLength(2);
});

test.each(Object.values(cacheFiles))('a damaged %s is rebuilt', async (file) => {
  const first = await run();
  const [entry] = (await readdir(directory)) as [string];
  await truncate(join(directory, entry, file), 10);
  expect(await run()).toEqual(first);
  await writeFile(join(directory, entry, file), 'something else');
  expect(await run()).toEqual(first);
  expect(await readdir(directory)).toEqual([entry]);
});

test('builders at the same time agree on one entry', async () => {
  const results = await Promise.all([run(), run(), run()]);
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  expect(await readdir(directory)).toHaveLength(1);
});
