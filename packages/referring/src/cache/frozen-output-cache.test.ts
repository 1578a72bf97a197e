import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onesInitializer } from '@refclip/nn';
import { hostTensor } from '@refclip/runtime';
import { computeLetterbox, DataFormatError, FileError, UsageError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ReferringModel } from '../model/referring-model.js';
import { FrozenOutputCache } from './frozen-output-cache.js';

const model: ReferringModel = {
  name: 'toy',
  inputSize: 32,
  maxTokens: 1,
  supervision: 'none',
  trainingSides: [32],
  parameters: [],
  isTrainable: () => true,
  imageInputs: (batch) => ({
    map: { shape: [batch, 2, 2, 3], dtype: 'float32' },
    boxes: { shape: [batch, 4], dtype: 'float32' },
  }),
  frozenOutputs: (scope, images) => ({ map: tf.mul(images, scope.parameter('w', [], onesInitializer)) }),
  trainLoss: () => ({ loss: tf.scalar(0) }),
  encodeImages: () => ({}),
  locate: () => ({ boxes: tf.zeros([1, 4]), scores: tf.zeros([1]) }),
};
const values = { w: hostTensor(Float32Array.of(2), []), other: hostTensor(Float32Array.of(3), []) };
const outputs = {
  map: hostTensor(
    Float32Array.from({ length: 12 }, (_, i) => i + 1 / 1024),
    [2, 2, 3],
  ),
  boxes: hostTensor(Float32Array.of(1 / 3, 2 / 3, 1e-9, 4e6), [4]),
};
const letterbox = computeLetterbox(60, 40, 32);
let directory: string;
const open = (change: object = {}) => FrozenOutputCache.open({ directory, model, values, memory: 0, ...change });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-cache-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('gives back what was written: maps in fp16, boxes exactly', async () => {
  const cache = await open();
  expect(await cache.has('../a.jpg')).toBe(false);
  await expect(cache.read('../a.jpg')).rejects.toThrow(FileError);
  await cache.write('../a.jpg', outputs, letterbox);
  expect(await cache.has('../a.jpg')).toBe(true);
  const read = await (await open()).read('../a.jpg');
  expect(read.letterbox).toEqual(letterbox);
  expect(read.outputs.boxes).toEqual(outputs.boxes);
  expect(read.outputs.map?.data).toBeAllClose([...outputs.map.data], { rtol: 2 ** -11, atol: 0 });
  const exact = await open({ precision: 'float32' });
  await exact.write(7, outputs, letterbox);
  expect((await exact.read(7)).outputs).toEqual(outputs);
});

test('reads a batch into memory that is there, to the bits of single reads, from the disk and from memory', async () => {
  const other = { ...outputs, map: hostTensor(Float32Array.from(outputs.map.data, Math.fround), [2, 2, 3]) };
  other.map.data.fill(-0.1);
  for (const precision of ['float16', 'float32']) {
    const cache = await open({ precision, memory: 1e6 });
    await cache.write('a', outputs, letterbox);
    await cache.write('b', other, computeLetterbox(10, 90, 32));
    const into = cache.batchMemory(3);
    for (const reader of [cache, await open({ precision })]) {
      for (const { data } of Object.values(into)) data.fill(Number.NaN);
      const { inputs, letterboxes } = await reader.readBatch(['b', 'a', 'b'], into);
      expect(inputs).toBe(into);
      expect(inputs.map?.shape).toEqual([3, 2, 2, 3]);
      for (const [at, name] of ['b', 'a', 'b'].entries()) {
        const single = await cache.read(name);
        expect(inputs.map?.data.subarray(at * 12, at * 12 + 12)).toEqual(single.outputs.map?.data);
        expect(inputs.boxes?.data.subarray(at * 4, at * 4 + 4)).toEqual(single.outputs.boxes?.data);
        expect(letterboxes[at]).toEqual(single.letterbox);
      }
    }
  }
});

test('is another cache for other weights of the frozen part, priors, size or precision, and the same for other trained weights', async () => {
  const { path } = await open();
  const paths = await Promise.all([
    open({ values: { ...values, w: hostTensor(Float32Array.of(2.5), []) } }),
    open({ model: { ...model, frozenKey: 'priors' } }),
    open({ model: { ...model, inputSize: 64 } }),
    open({ precision: 'float32' }),
  ]);
  expect(new Set([path, ...paths.map((cache) => cache.path)]).size).toBe(5);
  expect((await open({ values: { ...values, other: hostTensor(Float32Array.of(9), []) } })).path).toBe(path);
  const { frozenOutputs: _, ...whole } = model;
  await expect(open({ model: whole })).rejects.toThrow(UsageError);
});

test('every flipped bit and every truncation is noticed', async () => {
  const cache = await open();
  await cache.write(1, outputs, letterbox);
  const file = join(cache.path, '1.safetensors');
  const bytes = await readFile(file);
  expect(bytes.length).toBeLessThanOrEqual(cache.entryBytes);
  for (let at = 0; at < bytes.length; at++) {
    const broken = Uint8Array.from(bytes);
    broken[at] = (bytes[at] as number) ^ 1;
    await writeFile(file, broken);
    const error = await cache.read(1).then(
      ({ outputs: read }) => read,
      (thrown: unknown) => thrown,
    );
    // A flipped bit in the padding of the header changes nothing that is read.
    if (!(error instanceof DataFormatError)) expect(error, `byte ${at}`).toEqual((await cache.read(1)).outputs);
    if (!(error instanceof DataFormatError)) expect(String.fromCharCode(bytes[at] as number)).toBe(' ');
  }
  await writeFile(file, bytes.subarray(0, bytes.length - 1));
  await expect(cache.read(1)).rejects.toThrow(DataFormatError);
});

test('two writers of one entry leave one whole entry and nothing else', async () => {
  const [one, other] = [await open(), await open()];
  await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).write(3, outputs, letterbox)));
  expect(await readdir(one.path)).toEqual(['3.safetensors']);
  expect((await other.read(3)).outputs.boxes).toEqual(outputs.boxes);
});
