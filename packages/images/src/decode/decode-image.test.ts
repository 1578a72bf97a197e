import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError } from '@refclip/structures';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage } from './decode-image.js';

test('bytes give what their file gives, a view into a larger buffer too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-decode-'));
  const pixels = Uint8Array.from({ length: 7 * 5 * 3 }, (_, at) => (at * 37) % 251);
  const image = sharp(pixels, { raw: { width: 7, height: 5, channels: 3 } });
  for (const name of ['a.jpg', 'a.png']) {
    const file = join(folder, name);
    await image.clone().toFile(file);
    const bytes = await readFile(file);
    const within = new Uint8Array(bytes.length + 9);
    within.set(bytes, 4);
    const expected = await decodeImage(file);
    expect(await decodeImage(bytes)).toEqual(expected);
    expect(await decodeImage(within.subarray(4, 4 + bytes.length))).toEqual(expected);
  }
  await rm(folder, { recursive: true });
});

test('bytes that are no image are refused by what they begin with', async () => {
  await expect(decodeImage(new TextEncoder().encode('<html>'))).rejects.toThrow(DataFormatError);
  await expect(decodeImage(new TextEncoder().encode('<html>'))).rejects.toThrow(/begins with 3c68746d6c3e/);
  await expect(decodeImage(new Uint8Array())).rejects.toThrow(/is empty/);
});
