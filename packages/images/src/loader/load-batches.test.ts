import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, FileError, UsageError } from '@refclip/structures';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLetterboxed } from '../letterbox/load-letterboxed.js';
import { DecodePool } from './decode-pool.js';
import { type LoaderItem, type LoaderOptions, loadBatches } from './load-batches.js';

const size = 32;
let folder: string;
let items: readonly LoaderItem[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-loader-'));
  items = await Promise.all(
    Array.from({ length: 11 }, async (_, image) => {
      // Both ways of decoding: WebAssembly takes the JPEGs.
      const file = join(folder, `${image}.${image > 4 ? 'jpg' : 'png'}`);
      const background = { r: 20 * image, g: 7, b: 255 - 20 * image };
      await sharp({ create: { width: 40 + image, height: 30, channels: 3, background } }).toFile(file);
      return { image, file, record: `train ${image}` };
    }),
  );
  await writeFile(join(folder, 'text.jpg'), 'no image');
});
afterAll(() => rm(folder, { recursive: true }));

async function read(options: Partial<LoaderOptions>, from: readonly LoaderItem[] = items) {
  const batches = [];
  for await (const batch of loadBatches(from, { size, batchSize: 3, workers: 0, ...options })) batches.push(batch);
  return batches;
}
const images = (batches: readonly { readonly items: readonly LoaderItem[] }[]) =>
  batches.map((batch) => batch.items.map(({ image }) => image));

const shuffle = { seed: 5, epoch: 2 };

describe('order', () => {
  it('gives every item once, in batches, the last one short', async () => {
    expect(images(await read({}))).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
      [9, 10],
    ]);
    expect(images(await read({ dropLast: true }))).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ]);
  });

  it('is shuffled by seed and epoch, alike for any number of threads', async () => {
    const order = images(await read({ shuffle }));
    expect(order.flat().sort((a, b) => Number(a) - Number(b))).toEqual(items.map(({ image }) => image));
    expect(order.flat()).not.toEqual(items.map(({ image }) => image));
    expect(images(await read({ shuffle, workers: 2, prefetch: 1 }))).toEqual(order);
    expect(images(await read({ shuffle: { ...shuffle, epoch: 3 } }))).not.toEqual(order);
    expect(images(await read({ shuffle: { ...shuffle, seed: 6 } }))).not.toEqual(order);
  });

  it('goes on at any position as if it had not stopped', async () => {
    const all = await read({ shuffle });
    for (const [index, { position }] of all.entries())
      expect(images(await read({ shuffle, position }))).toEqual(images(all.slice(index + 1)));
  });

  it('is divided among shards without loss, and evenly when the rest is dropped', async () => {
    const shards = await Promise.all([0, 1].map((index) => read({ shuffle, shard: { index, count: 2 } })));
    expect(shards.flatMap((batches) => images(batches).flat()).sort((a, b) => Number(a) - Number(b))).toEqual(
      items.map(({ image }) => image),
    );
    const even = await Promise.all(
      [0, 1].map((index) => read({ shuffle, shard: { index, count: 2 }, dropLast: true })),
    );
    expect(even.map((batches) => images(batches).map(({ length }) => length))).toEqual([[3], [3]]);
  });

  it.each([
    { shard: { index: 2, count: 2 } },
    { batchSize: 0 },
    { position: 12 },
    { position: 0.5 },
    { prefetch: -1 },
    { workers: Number.NaN },
    { size: 0 },
  ])('refuses %j at once', (wrong) => {
    expect(() => loadBatches(items, { size, batchSize: 3, ...wrong })).toThrow(UsageError);
  });
});

describe('images', () => {
  it('are what decoding one by one gives, from threads too', async () => {
    for (const workers of [0, 2]) {
      for (const batch of await read({ shuffle, workers })) {
        for (const [index, item] of batch.items.entries()) {
          const alone = await loadLetterboxed(item.file as string, size);
          const length = size * size * 3;
          expect(batch.images.subarray(index * length, (index + 1) * length)).toEqual(alone.pixels);
          expect(batch.letterboxes[index]).toEqual(alone.letterbox);
        }
      }
    }
  });

  it.each([0, 2])('broken ones end the reading with file and record, %i threads', async (workers) => {
    const text = { image: 'text.jpg', file: join(folder, 'text.jpg'), record: 'val 3' };
    const broken = await read({ workers }, [...items, text]).catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(DataFormatError);
    expect(broken).toMatchObject({ file: text.file, record: 'val 3' });
    const gone = { image: 'gone.jpg', file: join(folder, 'gone.jpg'), record: 'val 4' };
    for (const item of [gone, { ...gone, file: undefined }]) {
      const missing = await read({ workers }, [...items, item]).catch((error: unknown) => error);
      expect(missing).toBeInstanceOf(FileError);
      expect((missing as Error).message).toContain('val 4');
      expect((missing as Error).message.match(/gone\.jpg/g)).toHaveLength(1);
    }
  });

  it.each([0, 2])('lie in the same memory where that is asked for, %i threads', async (workers) => {
    const [fresh, seen] = [await read({ workers }), [] as Uint8Array[]];
    const buffers = new Set<ArrayBufferLike>();
    for await (const batch of loadBatches(items, { size, batchSize: 3, workers, reuse: true })) {
      seen.push(batch.images.slice());
      buffers.add(batch.images.buffer);
    }
    expect(seen).toEqual(fresh.map((batch) => batch.images));
    expect(buffers.size).toBe(1);
    expect(new Set(fresh.map((batch) => batch.images.buffer)).size).toBe(fresh.length);
  });

  it('broken ones are left out, counted and replaced where that is asked for', async () => {
    const text = { image: 'text.jpg', file: join(folder, 'text.jpg'), record: 'val 3' };
    const list = [...items.slice(0, 2), text, ...items.slice(2, 5)];
    const left: string[] = [];
    const batches = await read(
      { workers: 1, onBroken: ({ record }, { code }) => left.push(`${record} ${code}`) },
      list,
    );
    expect(images(batches)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(batches.map(({ position, skipped }) => [position, skipped])).toEqual([
      [4, 1],
      [6, 1],
    ]);
    expect(left).toEqual(['val 3 data-format']);
  });
});

describe('threads', () => {
  it('decode no further ahead than asked', async () => {
    const list = Array.from({ length: 50 }, (_, image) => ({
      image,
      file: join(folder, `late-${image}.png`),
      record: String(image),
    }));
    for (const { file } of list.slice(0, 9)) await copyFile(join(folder, '1.png'), file);
    // Only nine files are there while the reader waits; a loader that ran further ahead would meet the missing ones.
    const reading = loadBatches(list, { size, batchSize: 3, prefetch: 2, workers: 1 });
    const first = await reading.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const { file } of list.slice(9)) await copyFile(join(folder, '1.png'), file);
    let count = first.done ? 0 : first.value.items.length;
    for await (const { items: loaded } of reading) count += loaded.length;
    expect(count).toBe(50);
  });

  it('end when the loop is left early', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    for await (const { position } of loadBatches(items, { size, batchSize: 2, workers: 2 })) {
      expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length).toBeGreaterThan(before);
      if (position >= 4) break;
    }
    expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort')).toHaveLength(before);
  });

  it('that are gone reject what they were asked for', async () => {
    const pool = new DecodePool(1);
    const answer = pool.load(join(folder, '1.png'), size, 'val 9').catch((error: unknown) => error);
    await pool.close();
    expect(await answer).toBeInstanceOf(Error);
    expect(String(await answer)).toContain('val 9');
    await expect(pool.load(join(folder, '1.png'), size, 'val 9')).rejects.toThrow('internal');
  });
});
