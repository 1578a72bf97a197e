import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refclip/structures';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkImages } from './check-images.js';
import { ImageFolder } from './image-folder.js';
import { readImageSize } from './read-image-size.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-check-'));
  await mkdir(join(directory, 'train2014'));
  const jpeg = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#a35' } })
    .jpeg()
    .toBuffer();
  await writeFile(join(directory, 'train2014/COCO_train2014_000000000009.jpg'), jpeg);
  await writeFile(join(directory, '000000000025.jpg'), jpeg);
  await writeFile(join(directory, 'cut.jpg'), jpeg.subarray(0, jpeg.length - 100));
  await writeFile(join(directory, 'text.jpg'), 'no image at all');
  await writeFile(join(directory, 'empty.jpg'), '');
  await writeFile(join(directory, 'drawing.jpg'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  await writeFile(join(directory, 'turned.jpg'), await sharp(jpeg).withMetadata({ orientation: 6 }).toBuffer());
  // A PNG whose header claims 50,000 × 50,000 pixels.
  const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  png.writeUInt32BE(50_000, 16);
  png.writeUInt32BE(50_000, 20);
  await writeFile(join(directory, 'huge.png'), png);
});
afterAll(() => rm(directory, { recursive: true }));

const splits = new Map([
  [
    'train',
    [9, 25, 42, 'cut.jpg', 'text.jpg', 'empty.jpg', 'huge.png', 'drawing.jpg', '../x.jpg', 9].map((image) => ({
      image,
      expressions: ['x'],
    })),
  ],
]);

describe('checkImages', () => {
  it('reports what is missing and what cannot be decoded, with the first record that needs it', async () => {
    const progress: number[] = [];
    const { problems, sizes } = await checkImages(splits, await ImageFolder.open(directory), {
      decode: true,
      onProgress: (done) => progress.push(done),
    });
    expect(problems.map(({ kind, image, split, record }) => [kind, image, split, record])).toEqual([
      ['missing-image', 42, 'train', 2],
      ['unreadable-image', 'cut.jpg', 'train', 3],
      ['unreadable-image', 'text.jpg', 'train', 4],
      ['unreadable-image', 'empty.jpg', 'train', 5],
      ['unreadable-image', 'huge.png', 'train', 6],
      ['unreadable-image', 'drawing.jpg', 'train', 7],
    ]);
    expect(progress.at(-1)).toBe(9);
    expect(sizes).toEqual(
      new Map([
        [9, { width: 60, height: 40 }],
        [25, { width: 60, height: 40 }],
      ]),
    );
  });

  it('only looks for images when it is not to decode', async () => {
    const { problems } = await checkImages(splits, await ImageFolder.open(directory), { decode: false });
    expect(problems.map(({ image }) => image)).toEqual([42]);
  });
});

describe('ImageFolder', () => {
  it('never leaves the folder', async () => {
    const folder = await ImageFolder.open(join(directory, 'train2014'));
    for (const name of [
      '../text.jpg',
      '../COCO_train2014_000000000009.jpg',
      join(directory, 'text.jpg'),
      'train2014/../../etc/passwd',
    ])
      expect(folder.find(name)).toBeUndefined();
  });

  it('finds images by id, by names that hold an id, and with or without the folder in front', async () => {
    const folder = await ImageFolder.open(directory);
    const coco = join(directory, 'train2014/COCO_train2014_000000000009.jpg');
    for (const name of [
      9,
      '9.jpg',
      'COCO_train2014_000000000009.jpg',
      'COCO_train2014_000000000009_16.jpg',
      'val2017/000000000009.jpg',
      'images\\train2014\\COCO_train2014_000000000009.jpg',
    ])
      expect(folder.find(name), String(name)).toBe(coco);
    expect(folder.find('train2017/000000000025.jpg')).toBe(join(directory, '000000000025.jpg'));
    expect(folder.find('mine/9.jpg')).toBeUndefined();
    expect(folder.find('photos/cut.jpg')).toBe(join(directory, 'cut.jpg'));
  });

  it('does not choose between files of one name', async () => {
    const inner = join(directory, 'inner');
    for (const name of ['a', 'b']) {
      await mkdir(join(inner, name), { recursive: true });
      await writeFile(join(inner, name, '1.jpg'), '');
    }
    const folder = await ImageFolder.open(inner);
    expect(folder.find('1.jpg')).toBeUndefined();
    expect(folder.find('b/1.jpg')).toBe(join(inner, 'b/1.jpg'));
    expect(folder.find('c/1.jpg')).toBeUndefined();
    expect(folder.whyNot('1.jpg')).toContain('its name fits a/1.jpg, b/1.jpg');
    expect([folder.whyNot('a/1.jpg'), folder.whyNot('2.jpg')]).toEqual(['', `is not in ${inner}`]);
    expect(folder.find(1)).toBeUndefined();
    expect(folder.whyNot(1)).toContain('a/1.jpg, b/1.jpg');
    await rm(inner, { recursive: true });
  });

  it('gives one file to one of two images only, and looks at pictures alone', async () => {
    const flat = join(directory, 'flat');
    await mkdir(join(flat, '7'), { recursive: true });
    for (const name of ['0001.jpg', '7.jpg', '7.txt', '7.xml']) await writeFile(join(flat, name), '');
    const folder = await ImageFolder.open(flat);
    expect(folder.find('kitchen/0001.jpg')).toBe(join(flat, '0001.jpg'));
    expect(folder.find('bath/0001.jpg')).toBeUndefined();
    expect(folder.whyNot('bath/0001.jpg')).toContain('no folders that tell it');
    for (const name of [7, '7', '000000000007.jpg']) expect(folder.find(name)).toBe(join(flat, '7.jpg'));
    await rm(flat, { recursive: true });
  });

  it('is an error when there is none', async () => {
    await expect(ImageFolder.open(join(directory, 'nowhere'))).rejects.toBeInstanceOf(FileError);
  });
});

describe('readImageSize', () => {
  it('applies the orientation and knows nothing of broken files', async () => {
    const folder = await ImageFolder.open(directory);
    expect(await readImageSize(9, folder)).toEqual({ width: 60, height: 40 });
    expect(await readImageSize('turned.jpg', folder)).toEqual({ width: 40, height: 60 });
    for (const name of ['text.jpg', 'empty.jpg', 'huge.png', 'drawing.jpg'])
      expect(await readImageSize(name, folder)).toBeUndefined();
    expect(await readImageSize('nowhere.jpg', folder)).toBeUndefined();
  });
});
