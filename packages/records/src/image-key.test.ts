import { describe, expect, it } from 'vitest';
import { imageIdOf, imageKey } from './image-key.js';

const folders = [
  '',
  'train2014/',
  'images\\train2014\\',
  './',
  '/data/val2017/',
  'http://images.cocodataset.org/train2017/',
];
const endings = ['', '.jpg', '.JPG', '.png'];

describe('imageKey', () => {
  it("is the id for every way to write COCO's names", () => {
    for (const folder of folders) {
      for (const ending of endings) {
        for (const name of [
          'COCO_train2014_000000000123',
          'COCO_val2014_000000000123',
          'COCO_train2014_000000000123_7',
          '000000000123',
        ]) {
          expect(imageKey(`${folder}${name}${ending}`), `${folder}${name}${ending}`).toBe('123');
        }
      }
    }
    for (const number of [123, '123', '0123', '000000000123', './123']) expect(imageKey(number)).toBe('123');
    expect([imageKey(0), imageKey('0'), imageKey('000')]).toEqual(['0', '0', '0']);
  });

  it('keeps every other name with its folder and extension', () => {
    const names = [
      'kitchen/0001.jpg',
      'bath/0001.jpg',
      '0001.jpg',
      '1.png',
      '1.jpg',
      '1.JPG',
      'kitchen/1',
      'my.photo',
      'img_12.v2.jpeg',
      'COCO_train2014_12.jpg',
    ];
    names.push('mine/000000000123.jpg', '/data/a/1.jpg', '../1.jpg', 'a b/ü.jpg', '', 'https://example.org/a/1.jpg');
    for (const name of names) expect(imageKey(name)).toBe(name);
    expect(new Set(names.map(imageKey)).size).toBe(names.length);
  });

  it('writes paths one way', () => {
    for (const name of ['a/b/1.jpg', 'a\\b\\1.jpg', './a/b/1.jpg', 'a//b/./1.jpg', '.\\a\\b\\1.jpg']) {
      expect(imageKey(name)).toBe('a/b/1.jpg');
    }
  });

  it('is its own key', () => {
    for (const name of ['a\\b.jpg', 'COCO_train2014_000000000123.jpg', './/x/./y.png', '007', '1.png']) {
      expect(imageKey(imageKey(name))).toBe(imageKey(name));
    }
  });
});

it('gives the number in a name, where it has one', () => {
  expect(['COCO_val2014_000000000042.jpg', '42', 42, '42.jpg', 'cat.jpg', '9'.repeat(20)].map(imageIdOf)).toEqual([
    42,
    42,
    42,
    undefined,
    undefined,
    undefined,
  ]);
});
