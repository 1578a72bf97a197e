import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refclip/structures';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Evaluator } from '../evaluation/evaluator.js';
import { findImageFiles } from './find-image-files.js';
import { writeReport } from './write-report.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-eval-report-'));
  await mkdir(join(folder, 'images/train 2014'), { recursive: true });
  const picture = sharp({ create: { width: 900, height: 600, channels: 3, background: '#345' } });
  // Shown upright, this image is 600 wide and 900 high.
  await picture
    .clone()
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toFile(join(folder, 'images/train 2014/COCO_train2014_000000000009.jpg'));
  await picture.png().toFile(join(folder, 'images/a b#.png'));
  await writeFile(join(folder, 'images/broken.jpg'), 'no image');
});
afterEach(() => rm(folder, { recursive: true }));

function evaluate() {
  const evaluator = new Evaluator({ keepCases: true });
  for (const [i, imageId] of ['9', 'a b#.png', 'broken.jpg', 'absent'].entries()) {
    evaluator.add({ at: `line ${i}`, id: String(i), imageId, boxes: [[0, 0, 9, 9]], truths: [[0, 0, 9, 9]] });
  }
  return [{ name: 'x', evaluation: evaluator.finish() }];
}
async function imagesOf(file: string) {
  const page = await readFile(file, 'utf8');
  return JSON.parse(/id="gallery-data">(.*?)<\/script>/s.exec(page)![1]!).images as Record<
    string,
    { source: string; width?: number; height?: number }
  >;
}

it('embeds thumbnails, upright, and says what it could not show', async () => {
  const files = await findImageFiles(join(folder, 'images'));
  expect(['9', 'broken.jpg', 'images/broken.jpg', 'broken'].map((name) => files.has(name))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  const file = join(folder, 'out/report.html');
  const all = { has: () => true, get: (image: string) => files.get(image) ?? join(folder, 'none.jpg') };
  const notes = await writeReport(file, evaluate(), { images: { files: all } });
  expect(notes).toEqual(['2 images cannot be decoded: absent, broken.jpg']);
  const images = await imagesOf(file);
  expect(images['9']).toMatchObject({ width: 600, height: 900 });
  const thumbnail = await sharp(Buffer.from(images['9']!.source.split(',')[1]!, 'base64')).metadata();
  expect([thumbnail.format, thumbnail.height]).toEqual(['webp', 400]);
  expect(Object.keys(images).sort()).toEqual(['9', 'a b#.png']);
  expect(await readdir(join(folder, 'out'))).toEqual(['report.html']);
});

it('links images relative to the page', async () => {
  const files = await findImageFiles(join(folder, 'images'));
  const file = join(folder, 'out/report.html');
  expect(await writeReport(file, evaluate(), { images: { files, link: true } })).toEqual([]);
  expect((await imagesOf(file))['a b#.png']!.source).toBe('../images/a%20b%23.png');
  expect(await readFile(file, 'utf8')).toContain('img-src data: file:');
});

it('shows no image of which it is not clear which file it is, and names the files', async () => {
  const images = join(folder, 'images');
  const picture = sharp({ create: { width: 9, height: 9, channels: 3, background: '#345' } }).png();
  for (const name of ['kitchen', 'bath']) {
    await mkdir(join(images, name));
    await picture.clone().toFile(join(images, name, '1.png'));
  }
  await picture.clone().toFile(join(images, '2.png'));
  const evaluator = new Evaluator({ keepCases: true });
  for (const imageId of ['1.png', 'a/2.png', 'b/2.png', 'bath/1.png', 'none.png']) {
    evaluator.add({ at: imageId, id: imageId, imageId, boxes: [[0, 0, 9, 9]], truths: [[0, 0, 9, 9]] });
  }
  const files = await findImageFiles(images);
  const file = join(folder, 'out/report.html');
  const notes = await writeReport(file, [{ name: 'x', evaluation: evaluator.finish() }], { images: { files } });
  expect(Object.keys(await imagesOf(file))).toEqual(['bath/1.png']);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/^3 images are not shown/);
  expect(notes[0]).toContain('1.png fits bath/1.png, kitchen/1.png');
  expect(notes[0]).toContain('a/2.png fits 2.png, as b/2.png does');
});

it('names a folder that is not there', async () => {
  await expect(findImageFiles(join(folder, 'none'))).rejects.toThrowError(FileError);
});
