import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mulberry32 } from '@refclip/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { letterboxPixels } from '../letterbox/letterbox-pixels.js';
import { loadLetterboxed } from '../letterbox/load-letterboxed.js';
import { decodeImage } from './decode-image.js';
import { decodePhoto } from './decode-photo.js';

const fixture = (name: string) => fileURLToPath(new URL(`__fixtures__/${name}`, import.meta.url));

/** Noise, half of it black or white, so that sums leave the range of a byte. */
function noise(width: number, height: number, seed: number) {
  const values = mulberry32(seed, width * height * 3);
  const data = Uint8Array.from(values, (value) => Math.min(Math.max(Math.round(value * 511 - 128), 0), 255));
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const byVips = async (file: Buffer) =>
  new Uint8Array(await sharp(file, { ignoreIcc: true }).toColourspace('srgb').raw().toBuffer());

describe('decodePhoto', () => {
  const sizes = [
    [1, 1],
    [2, 1],
    [3, 5],
    [4, 2],
    [5, 3],
    [7, 8],
    [8, 8],
    [15, 17],
    [16, 16],
    [17, 33],
    [31, 64],
    [48, 65],
    [63, 7],
    [130, 97],
  ] as const;
  it.each(['4:2:0', '4:4:4'])(
    'gives the samples of libvips with color %s, at every quality',
    async (chromaSubsampling) => {
      for (const [width, height] of sizes)
        for (const quality of [1, 30, 75, 95, 100]) {
          const file = await noise(width, height, width * height)
            .jpeg({ quality, chromaSubsampling })
            .toBuffer();
          const image = decodePhoto(file);
          expect(image).toMatchObject({ width, height });
          expect(image?.pixels.slice()).toEqual(await byVips(file));
        }
    },
  );

  // Made with cjpeg -quality 85 -sample 2x1, 1x2 and 4x1 from stripes and noise.
  it.each(['4:2:2', '4:4:0', '4:1:1'])('gives the samples of libvips with color %s', async (sampling) => {
    const bytes = await readFile(fixture(`sampling-${sampling.replaceAll(':', '')}.jpg`));
    const image = decodePhoto(bytes);
    expect(image).toMatchObject({ width: 53, height: 37 });
    expect(image?.pixels.slice()).toEqual(await byVips(bytes));
  });

  // The same picture by cjpeg -quality 90 -restart 3B, and -restart 1B -grayscale.
  it.each(['restart', 'restart-grey'])(
    'reads restart markers (%s), and leaves one out of place to libvips',
    async (name) => {
      const bytes = await readFile(fixture(`${name}.jpg`));
      const image = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
      const expected =
        image.info.channels === 3 ? [...image.data] : [...image.data].flatMap((value) => [value, value, value]);
      expect([...(decodePhoto(bytes)?.pixels ?? [])]).toEqual(expected);
      const second = bytes.indexOf(Buffer.from([0xff, 0xd1]));
      expect(second).toBeGreaterThan(0);
      expect(
        decodePhoto(Buffer.concat([bytes.subarray(0, second + 1), Buffer.from([0xd2]), bytes.subarray(second + 2)])),
      ).toBeUndefined();
      expect(decodePhoto(Buffer.concat([bytes.subarray(0, second), bytes.subarray(second + 2)]))).toBeUndefined();
    },
  );

  it('widens grey, and decodes smooth and flat images', async () => {
    const grey = await noise(37, 21, 5).greyscale().jpeg().toBuffer();
    const plane = await sharp(grey).toColourspace('b-w').raw().toBuffer();
    expect(Array.from(decodePhoto(grey)?.pixels ?? [])).toEqual(
      Array.from(plane).flatMap((value) => [value, value, value]),
    );
    for (const level of [0, 1, 127, 128, 254, 255]) {
      const background = { r: level, g: 255 - level, b: level };
      const flat = await sharp({ create: { width: 50, height: 40, channels: 3, background } })
        .blur(2)
        .jpeg()
        .toBuffer();
      expect(decodePhoto(flat)?.pixels.slice()).toEqual(await byVips(flat));
    }
  });

  it('leaves to libvips what is no ordinary photograph', async () => {
    const picture = noise(40, 30, 3);
    const turned = await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const others = {
      progressive: await picture.clone().jpeg({ progressive: true }).toBuffer(),
      cmyk: await picture.clone().toColourspace('cmyk').jpeg().toBuffer(),
      turned,
      png: await picture.clone().png().toBuffer(),
      huge: await sharp({ create: { width: 4000, height: 3000, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer(),
      wide: await sharp({ create: { width: 16_385, height: 2, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer(),
    };
    for (const [name, file] of Object.entries(others)) expect(decodePhoto(file), name).toBeUndefined();
  });

  it('leaves damaged files to libvips, and the next file is decoded as before', async () => {
    const whole = await noise(90, 70, 9).jpeg({ quality: 90 }).toBuffer();
    const expected = await byVips(whole);
    for (let length = 0; length < whole.length - 2; length += 97)
      expect(decodePhoto(whole.subarray(0, length)), `${length} bytes`).toBeUndefined();
    expect(decodePhoto(whole)?.pixels.slice()).toEqual(expected);
    const random = mulberry32(17, 3000);
    for (let round = 0; round < 1000; round++) {
      const damaged = Buffer.from(whole);
      for (let i = 0; i < 3; i++) {
        const at = Math.floor((random[3 * round + i] as number) * whole.length);
        damaged[at] = (damaged[at] as number) ^ (1 << ((round + i) % 8));
      }
      decodePhoto(damaged);
    }
    expect(decodePhoto(whole)?.pixels.slice()).toEqual(expected);
  });

  it('takes no tables of the image before', async () => {
    const whole = await noise(20, 20, 4).jpeg().toBuffer();
    expect(decodePhoto(whole)).toBeDefined();
    // The marker of the quantization tables becomes a comment.
    const without = Buffer.from(whole);
    const at = without.indexOf(Buffer.from([0xff, 0xdb]));
    expect(at).toBeGreaterThan(0);
    without[at + 1] = 0xfe;
    expect(decodePhoto(without)).toBeUndefined();
  });

  it('lends its memory: only copies leave, also when images are loaded together', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'refclip-photos-'));
    const files = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => {
        const file = join(folder, `${seed}.jpg`);
        await writeFile(
          file,
          await noise(60 + 40 * seed, 50 + 30 * seed, seed)
            .jpeg()
            .toBuffer(),
        );
        return file;
      }),
    );
    const single: Uint8Array[] = [];
    for (const file of files) single.push(letterboxPixels(await decodeImage(file), 64).pixels);
    const together = await Promise.all(files.map((file) => loadLetterboxed(file, 64)));
    expect(together.map(({ pixels }) => pixels)).toEqual(single);
    const decoded = await Promise.all(files.map((file) => decodeImage(file)));
    expect(decoded.map((image) => letterboxPixels(image, 64).pixels)).toEqual(single);
  });
});
