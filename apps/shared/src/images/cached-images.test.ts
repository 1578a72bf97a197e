import type { FrozenOutputCache } from '@refclip/referring';
import { hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { computeLetterbox } from '@refclip/structures';
import { expect, test } from 'vitest';
import { cachedImages } from './cached-images.js';

/** A cache whose image `n` is the numbers n, n. */
function cacheOf(memories: NamedHostTensors[], broken = ''): FrozenOutputCache {
  const batchMemory = (images: number) => {
    const memory = { map: hostTensor(new Float32Array(images * 2), [images, 2]) };
    memories.push(memory);
    return memory;
  };
  const readBatch = async (keys: readonly string[], into: NamedHostTensors = batchMemory(keys.length)) => {
    keys.forEach((key, at) => {
      if (key === broken) throw new Error(`broken ${key}`);
      into.map?.data.fill(Number(key), at * 2, at * 2 + 2);
    });
    return { inputs: into, letterboxes: keys.map(() => computeLetterbox(4, 4, 32)) };
  };
  return { batchMemory, readBatch } as unknown as FrozenOutputCache;
}

const items = ['1', '2', '3', '4', '5', '6', '7'].map((key) => ({ key, image: key, file: key }));

test('gives every image in order, singly and as a batch, out of two memories and one for the short batch', async () => {
  const memories: NamedHostTensors[] = [];
  const seen: number[][] = [];
  for await (const { items: own, inputs, images } of cachedImages(cacheOf(memories)).batches(items, 2)) {
    // A step takes a while; the next batch is read meanwhile and must not be seen.
    await new Promise(setImmediate);
    seen.push(Array.from(inputs.map?.data ?? []));
    expect(inputs.map?.shape).toEqual([own.length, 2]);
    images.forEach((image, at) => {
      expect(image.inputs.map?.shape).toEqual([2]);
      expect(Array.from(image.inputs.map?.data ?? [])).toEqual([Number(own[at]?.key), Number(own[at]?.key)]);
    });
  }
  expect(seen).toEqual([
    [1, 1, 2, 2],
    [3, 3, 4, 4],
    [5, 5, 6, 6],
    [7, 7],
  ]);
  expect(memories).toHaveLength(3);
});

test('a broken entry ends the reading when its batch is asked for', async () => {
  const batches = cachedImages(cacheOf([], '4')).batches(items, 2);
  expect((await batches.next()).value?.items).toHaveLength(2);
  await expect(batches.next()).rejects.toThrow('broken 4');
});
