import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
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

test('a deferred constant is read to build the program, and not again', async () => {
  let reads = 0;
  const deferred = {
    shape: [32, 32],
    dtype: 'float32' as const,
    digest: 'w 1',
    read: async () => {
      reads++;
      return hostTensor(uniform('w', 1024), [32, 32]);
    },
  };
  const feeds = { x: hostTensor(uniform('x', 32), [1, 32]) };
  const inputs = { x: { shape: [1, 32], dtype: 'float32' as const } };
  const once = async (digest: string) => {
    const engine = await createEngine({ engine: 'compiled', device: 'cpu', cacheDirectory: directory });
    const constants = { w: { ...deferred, digest } };
    const { y } = await (await engine.compile(program, { name: 'product', inputs, constants })).run(feeds);
    await engine.dispose();
    return Array.from(y?.data ?? []);
  };
  const first = await once('w 1');
  expect(first).toEqual(await run());
  expect([await once('w 1'), reads]).toEqual([first, 1]);
  // Another digest is another content.
  expect([await once('w 2'), reads]).toEqual([first, 2]);
});

test('a deferred constant of another shape than it said is refused', async () => {
  const engine = await createEngine({ engine: 'compiled', device: 'cpu', cacheDirectory: directory });
  const read = async () => hostTensor(uniform('w', 1024), [16, 64]);
  await expect(
    engine.compile(program, {
      name: 'product',
      inputs: { x: { shape: [1, 32], dtype: 'float32' } },
      constants: { w: { shape: [32, 32], dtype: 'float32', digest: 'w', read } },
    }),
  ).rejects.toThrow(/constant w .*\[16, 64\].*\[32, 32\]/);
  await engine.dispose();
  expect(await readdir(directory)).toEqual([]);
});

test('one bit changed in place is found', async () => {
  const first = await run();
  const [entry] = (await readdir(directory)) as [string];
  const file = join(directory, entry, cacheFiles.weights);
  const bytes = await readFile(file);
  bytes[100] = (bytes[100] as number) ^ 1;
  await writeFile(file, bytes);
  expect(await run()).toEqual(first);
});

// Real processes, started together: each finds nothing, builds, and must end with the same model and one entry.
test('several processes agree on one entry', { timeout: 60_000 }, async () => {
  const script = fileURLToPath(new URL('../../test/compile-once.mjs', import.meta.url));
  const outputs = await Promise.all(
    Array.from({ length: 3 }, () =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', '--conditions=@refclip/source', script, directory]),
    ),
  );
  const results = outputs.map(({ stdout }) => stdout.trim());
  expect(results[0]).toMatch(/^\d/);
  expect(new Set(results).size).toBe(1);
  expect(await readdir(directory)).toHaveLength(1);
});
