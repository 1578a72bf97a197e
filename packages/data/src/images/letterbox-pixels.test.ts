import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, FileError } from '@refclip/structures';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import cases from './__fixtures__/expected.json' with { type: 'json' };
import { decodeImage } from './decode-image.js';
import { loadLetterboxed } from './load-letterboxed.js';

const fixture = (name: string) => new URL(`__fixtures__/${name}`, import.meta.url).pathname;

// Made with OpenCV; origin: the project's oracle fixtures.
test.each(cases)(
  '$in equals OpenCV within ±1',
  async ({ in: input, out, size, resizedWidth, resizedHeight, padX, padY }) => {
    const { pixels, letterbox } = await loadLetterboxed(fixture(input), size);
    const expected = await decodeImage(fixture(out));
    expect(letterbox).toMatchObject({ resizedWidth, resizedHeight, padX, padY });
    let worst = 0;
    for (let i = 0; i < pixels.length; i++)
      worst = Math.max(worst, Math.abs((pixels[i] as number) - (expected.pixels[i] as number)));
    expect(worst).toBeLessThanOrEqual(1);
  },
);

test('grey, transparent and 16-bit images become RGB; EXIF orientation is applied', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-images-'));
  const rgba = sharp({
    create: { width: 4, height: 2, channels: 4, background: { r: 200, g: 10, b: 30, alpha: 0.5 } },
  });
  await rgba.clone().png().toFile(join(folder, 'alpha.png'));
  await rgba.clone().removeAlpha().greyscale().jpeg().toFile(join(folder, 'grey.jpg'));
  await rgba.clone().removeAlpha().toColourspace('rgb16').png().toFile(join(folder, 'deep.png'));
  await rgba
    .clone()
    .removeAlpha()
    .jpeg({ quality: 100 })
    .withMetadata({ orientation: 6 })
    .toFile(join(folder, 'turned.jpg'));
  expect(Array.from((await decodeImage(join(folder, 'alpha.png'))).pixels.slice(0, 3))).toEqual([200, 10, 30]);
  expect(await decodeImage(join(folder, 'grey.jpg'))).toMatchObject({ width: 4, height: 2, pixels: { length: 24 } });
  expect(Array.from((await decodeImage(join(folder, 'deep.png'))).pixels.slice(0, 3))).toEqual([200, 10, 30]);
  expect(await decodeImage(join(folder, 'turned.jpg'))).toMatchObject({ width: 2, height: 4 });
});

test('missing, empty, truncated and foreign files are refused by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-images-'));
  const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  await writeFile(join(folder, 'cut.jpg'), jpeg.subarray(0, jpeg.length - 60));
  await writeFile(join(folder, 'empty.jpg'), '');
  await writeFile(join(folder, 'text.jpg'), 'no image at all');
  await expect(decodeImage(join(folder, 'none.jpg'), 'val 3')).rejects.toThrow(FileError);
  for (const name of ['cut.jpg', 'empty.jpg', 'text.jpg']) {
    const error = await decodeImage(join(folder, name), 'val 3').catch((thrown: unknown) => thrown);
    expect(error, name).toBeInstanceOf(DataFormatError);
    expect((error as Error).message).toContain(`${join(folder, name)}, record val 3`);
  }
});
