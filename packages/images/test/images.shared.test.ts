import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeImage } from '../src/decode/decode-image.js';
import { loadLetterboxed } from '../src/letterbox/load-letterboxed.js';
import { loadBatches } from '../src/loader/load-batches.js';

const shared = process.env.REFCLIP_SHARED;
if (!shared) throw new Error('set REFCLIP_SHARED to the folder of the shared files');

interface Case {
  readonly in: string;
  readonly out: string;
  readonly size: number;
  readonly resizedWidth: number;
  readonly resizedHeight: number;
  readonly padX: number;
  readonly padY: number;
}

it('all six letterbox fixtures equal OpenCV within ±1', async () => {
  const folder = join(shared, 'fixtures/letterbox');
  const cases: readonly Case[] = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
  expect(cases).toHaveLength(6);
  for (const { in: input, out, size, ...geometry } of cases) {
    const { pixels, letterbox } = await loadLetterboxed(join(folder, input), size);
    const expected = await decodeImage(join(folder, out));
    expect(letterbox).toMatchObject({
      resizedWidth: geometry.resizedWidth,
      resizedHeight: geometry.resizedHeight,
      padX: geometry.padX,
      padY: geometry.padY,
    });
    expect(pixels).toHaveLength(expected.pixels.length);
    const worst = pixels.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (expected.pixels[i] as number))),
      0,
    );
    expect(worst, input).toBeLessThanOrEqual(1);
  }
});

it('all 64 photographs decode, in threads', async () => {
  const folder = join(shared, 'real/images/train2014');
  const items = (await readdir(folder)).map((image) => ({ image, file: join(folder, image), record: image }));
  expect(items).toHaveLength(64);
  let count = 0;
  for await (const { items: loaded, images } of loadBatches(items, { size: 416, batchSize: 16, workers: 2 })) {
    count += loaded.length;
    expect(images).toHaveLength(loaded.length * 416 * 416 * 3);
    expect(new Set(images).size).toBeGreaterThan(200);
  }
  expect(count).toBe(64);
});
