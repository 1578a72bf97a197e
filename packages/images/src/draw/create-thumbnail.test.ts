import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, FileError } from '@refclip/structures';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createThumbnail } from './create-thumbnail.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-thumbnail-'));
  const picture = sharp({ create: { width: 900, height: 600, channels: 4, background: '#12345600' } });
  await picture.png().toFile(at('clear.png'));
  await sharp(await picture.jpeg().toBuffer())
    .withMetadata({ orientation: 6 })
    .toFile(at('turned.jpg'));
  await writeFile(at('text.jpg'), 'no image');
});
afterAll(() => rm(folder, { recursive: true }));

it('fits the box asked for, upright, and says the size of the whole image', async () => {
  const options = { width: 300, height: 300, format: 'webp', quality: 78 } as const;
  const { bytes, width, height } = await createThumbnail(at('turned.jpg'), options);
  expect([width, height]).toEqual([600, 900]);
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 200, height: 300 });
});

it('keeps small images as they are, and shows transparency as white in a JPEG', async () => {
  const { bytes } = await createThumbnail(at('clear.png'), { width: 2000, format: 'jpeg', quality: 72 });
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 900, height: 600, channels: 3 });
  expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
});

it('refuses what is missing or no image', async () => {
  const options = { width: 300, format: 'jpeg', quality: 72 } as const;
  await expect(createThumbnail(at('gone.jpg'), options)).rejects.toThrow(FileError);
  await expect(createThumbnail(at('text.jpg'), options)).rejects.toThrow(DataFormatError);
});
