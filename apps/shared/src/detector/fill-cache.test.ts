import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrozenOutputCache } from '@refclip/referring';
import { hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { DataFormatError, UsageError } from '@refclip/structures';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fillCache } from './fill-cache.js';

let folder: string;
let said: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-fill-'));
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** A cache in memory whose entries take so many bytes, as it is told. */
function cacheOf(entryBytes: number, held: readonly string[] = [], damaged: readonly string[] = []) {
  const entries = new Set(held);
  const cache = {
    path: folder,
    entryBytes,
    has: async (key: string) => entries.has(key),
    read: async (key: string) => {
      if (damaged.includes(key)) throw new DataFormatError({ file: key }, 'damaged');
    },
    write: async (key: string) => void entries.add(key),
  };
  return { cache: cache as unknown as FrozenOutputCache, entries };
}

async function images(count: number) {
  return await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const file = join(folder, `${i}.png`);
      await sharp({ create: { width: 8, height: 6, channels: 3, background: '#123456' } }).toFile(file);
      return { image: i, file, key: `key-${i}` };
    }),
  );
}

const computed: number[] = [];
const settings = {
  compute: async (pixels: readonly Uint8Array[]): Promise<NamedHostTensors[]> => {
    computed.push(pixels.length);
    return pixels.map(() => ({ map: hostTensor(new Float32Array(1), [1]) }));
  },
  inputSize: 32,
  batch: 2,
  brokenImages: 'fail',
  workers: 0,
} as const;

test('more than the disk has room for is refused before anything is computed, with the ways out', async () => {
  computed.length = 0;
  const { cache, entries } = cacheOf(2 ** 55);
  const error = await fillCache(cache, await images(3), settings).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toMatch(
    /needs 100663296\.0 GiB .* are free.*float16.*detector\.cache\.enabled=false/,
  );
  expect(said).toContain('3 of 3 images to compute, 100663296.0 GiB');
  expect([computed.length, entries.size]).toEqual([0, 0]);
});

test('only what is missing counts and is computed, each image once', async () => {
  computed.length = 0;
  const all = await images(5);
  const { cache, entries } = cacheOf(2 ** 20, ['key-1', 'key-4']);
  expect(await fillCache(cache, [...all, ...all], settings)).toMatchObject({ images: 5, computed: 3, damaged: 0 });
  expect(said).toContain('3 of 5 images to compute, 3 MiB');
  expect(computed).toEqual([2, 1]);
  expect([...entries].sort()).toEqual(['key-0', 'key-1', 'key-2', 'key-3', 'key-4']);
  // A full cache needs no room, however large its entries.
  const full = cacheOf(2 ** 55, [...entries]);
  expect(await fillCache(full.cache, all, settings)).toMatchObject({ computed: 0 });
});

test('damaged entries are made again when they are verified', async () => {
  const { cache } = cacheOf(1, ['key-0', 'key-1'], ['key-1']);
  const all = await images(2);
  expect(await fillCache(cache, all, { ...settings, verify: true })).toMatchObject({ computed: 1, damaged: 1 });
  expect(await fillCache(cache, all, settings)).toMatchObject({ computed: 0, damaged: 0 });
});

test('what killed processes left half-written goes, also when nothing is missing', async () => {
  const [old, young] = [join(folder, '.a.safetensors.1.tmp'), join(folder, '.b.safetensors.2.tmp')];
  for (const file of [old, young]) await writeFile(file, 'half');
  const before = new Date(Date.now() - 2 * 3_600_000);
  await utimes(old, before, before);
  const { cache } = cacheOf(1, ['key-0']);
  await fillCache(cache, await images(1), settings);
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual(['.b.safetensors.2.tmp']);
});
