import { execFileSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { DataFormatError, FileError } from '@refclip/structures';
import { uniform } from '@refclip/testing';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type DecodedImage, decodeImage } from '../decode/decode-image.js';
import cases from './__fixtures__/expected.json' with { type: 'json' };
import { letterboxPixels } from './letterbox-pixels.js';
import { loadLetterboxed } from './load-letterboxed.js';

const fixture = (name: string) => fileURLToPath(new URL(`__fixtures__/${name}`, import.meta.url));

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

test('a color profile changes nothing, as in OpenCV', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-images-'));
  const pixels = Buffer.from([200, 10, 30, 10, 200, 30]);
  const plain = sharp(pixels, { raw: { width: 2, height: 1, channels: 3 } }).png();
  await plain.clone().toFile(join(folder, 'plain.png'));
  await plain.clone().keepIccProfile().withIccProfile('p3', { attach: true }).toFile(join(folder, 'p3.png'));
  // What is stored, not what a screen with that profile would show.
  const { data } = await sharp(join(folder, 'p3.png'), { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
  expect((await sharp(join(folder, 'p3.png')).metadata()).icc).toBeDefined();
  expect([...(await decodeImage(join(folder, 'p3.png'))).pixels]).toEqual([...data]);
});

test('CMYK becomes RGB, progressive equals baseline', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-images-'));
  const picture = sharp(fixture('2-in.png'));
  await picture.clone().toColourspace('cmyk').jpeg({ quality: 95 }).toFile(join(folder, 'cmyk.jpg'));
  const [cmyk, original] = [await decodeImage(join(folder, 'cmyk.jpg')), await decodeImage(fixture('2-in.png'))];
  expect(cmyk).toMatchObject({
    width: original.width,
    height: original.height,
    pixels: { length: original.pixels.length },
  });
  await picture.clone().jpeg().toFile(join(folder, 'baseline.jpg'));
  await picture.clone().jpeg({ progressive: true, optimizeCoding: false }).toFile(join(folder, 'progressive.jpg'));
  const [baseline, progressive] = [
    await decodeImage(join(folder, 'baseline.jpg')),
    await decodeImage(join(folder, 'progressive.jpg')),
  ];
  expect(new Uint8Array(progressive.pixels)).toEqual(baseline.pixels);
});

test('the fast resize equals the formula in floating point within 1, for many sizes', () => {
  const values = uniform('letterbox sizes', 23 * 31 * 3, 0, 1).map((value) => Math.floor(value * 256));
  for (const [width, height, size] of [
    [23, 31, 8],
    [31, 23, 64],
    [1, 30, 16],
    [30, 1, 16],
    [1, 1, 5],
    [23, 23, 23],
  ] as const) {
    const image = { width, height, pixels: Uint8Array.from(values.slice(0, width * height * 3)) };
    const { pixels, letterbox } = letterboxPixels(image, size);
    const at = (y: number, x: number, channel: number) =>
      image.pixels[
        (Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)) * 3 + channel
      ] as number;
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        for (let channel = 0; channel < 3; channel++) {
          const [row, column] = [y - letterbox.padY, x - letterbox.padX];
          const inside = row >= 0 && row < letterbox.resizedHeight && column >= 0 && column < letterbox.resizedWidth;
          const sy = ((row + 0.5) * height) / letterbox.resizedHeight - 0.5;
          const sx = ((column + 0.5) * width) / letterbox.resizedWidth - 0.5;
          const [fy, fx] = [sy - Math.floor(sy), sx - Math.floor(sx)];
          const [y0, x0] = [Math.floor(sy), Math.floor(sx)];
          const expected = inside
            ? (1 - fy) * ((1 - fx) * at(y0, x0, channel) + fx * at(y0, x0 + 1, channel)) +
              fy * ((1 - fx) * at(y0 + 1, x0, channel) + fx * at(y0 + 1, x0 + 1, channel))
            : 127;
          expect(Math.abs((pixels[(y * size + x) * 3 + channel] as number) - expected)).toBeLessThan(1);
        }
  }
});

test('the pixels go where memory is given, which has to be as long as they are', () => {
  const image = { width: 9, height: 7, pixels: Uint8Array.from({ length: 9 * 7 * 3 }, (_, i) => i) };
  const into = new Uint8Array(16 * 16 * 3);
  const { pixels } = letterboxPixels(image, 16, into);
  expect(pixels).toBe(into);
  expect(into).toEqual(letterboxPixels(image, 16).pixels);
  expect(() => letterboxPixels(image, 16, new Uint8Array(16))).toThrow(/16 bytes; expected 768/);
});

describe('hostile files', () => {
  const header = (width: number, height: number) => {
    // A PNG that claims a size and holds nothing: signature, IHDR, IEND.
    const chunk = (type: string, body: Buffer) => {
      const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
      const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
      length.writeUInt32BE(body.length);
      check.writeUInt32BE(crc32(named));
      return Buffer.concat([length, named, check]);
    };
    const size = Buffer.alloc(13);
    size.writeUInt32BE(width, 0);
    size.writeUInt32BE(height, 4);
    size.set([8, 2, 0, 0, 0], 8);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    return Buffer.concat([signature, chunk('IHDR', size), chunk('IEND', Buffer.alloc(0))]);
  };

  test('missing, empty, truncated, foreign and giant ones are refused by name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'refclip-images-'));
    const jpeg = await sharp(fixture('2-in.png')).jpeg().toBuffer();
    const files: Record<string, Buffer | string> = {
      'cut.jpg': jpeg.subarray(0, jpeg.length - 60),
      'half.jpg': jpeg.subarray(0, jpeg.length / 2),
      'start.jpg': jpeg.subarray(0, 20),
      'empty.jpg': '',
      'text.jpg': 'no image at all',
      'drawing.jpg': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/hostname"/></svg>',
      'giant.png': header(50_000, 50_000),
      'claim.png': header(3000, 3000),
    };
    await expect(decodeImage(join(folder, 'none.jpg'), 'val 3')).rejects.toThrow(FileError);
    await expect(decodeImage(folder, 'val 3')).rejects.toThrow(FileError);
    if (process.platform !== 'win32') {
      // Nobody writes into it: whoever waits for that waits for ever.
      execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
      await expect(decodeImage(join(folder, 'pipe.jpg'), 'val 3')).rejects.toThrow(/is no file, record val 3/);
    }
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
      const error = await decodeImage(join(folder, name), 'val 3').catch((thrown: unknown) => thrown);
      expect(error, name).toBeInstanceOf(DataFormatError);
      expect((error as Error).message).toContain(`${join(folder, name)}, record val 3`);
    }
  });

  test('200 damaged JPEGs and PNGs decode or are refused by name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'refclip-images-'));
    const small = sharp(fixture('2-in.png')).resize(40, 60);
    const originals = [await small.clone().jpeg().toBuffer(), await small.clone().png().toBuffer()];
    const lots = uniform('damaged images', 200 * 8, 0, 1);
    let refused = 0;
    for (let index = 0; index < 200; index++) {
      const bytes = Buffer.from(originals[index % 2] as Buffer);
      const lot = (k: number) => lots[8 * index + k] as number;
      for (let k = 0; k < 3; k++) bytes[Math.floor(lot(k) * bytes.length)] = Math.floor(lot(k + 3) * 256);
      const kept = lot(6) < 0.5 ? bytes : bytes.subarray(0, Math.floor(lot(7) * bytes.length));
      const file = join(folder, `${index}.jpg`);
      await writeFile(file, kept);
      const result = await decodeImage(file, index).catch((thrown: unknown) => thrown);
      if (result instanceof DataFormatError) {
        refused++;
        expect(result).toMatchObject({ file, record: index });
      } else {
        const { pixels, width, height } = result as DecodedImage;
        expect(pixels).toHaveLength(width * height * 3);
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});
