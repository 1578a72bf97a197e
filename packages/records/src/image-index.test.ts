import { describe, expect, it } from 'vitest';
import { createImageIndex } from './image-index.js';

describe('createImageIndex', () => {
  it('keeps images of equal file names apart', () => {
    const names = ['kitchen/0001.jpg', 'bath/0001.jpg', '1.png'];
    const index = createImageIndex(names);
    for (const name of names) expect(index.resolve(name)).toBe(name);
    expect(index.resolve('photos\\kitchen\\0001.jpg')).toBe('kitchen/0001.jpg');
    expect(() => index.resolve('0001.jpg')).toThrowError(/fits 2 images: kitchen\/0001.jpg, bath\/0001.jpg/);
    expect(index.resolve('0001.png')).toBeUndefined();
    expect(index.resolve('hall/0001.jpg')).toBeUndefined();
  });

  it('lets a shorter path stand for a longer one where one image fits', () => {
    const index = createImageIndex(['a/x.jpg', 'b/y.jpg']);
    expect(['x.jpg', './x.jpg', 'a/x.jpg', '/data/a/x.jpg'].map((name) => index.resolve(name))).toEqual(
      Array(4).fill('a/x.jpg'),
    );
    expect(index.resolve('ax.jpg')).toBeUndefined();
    expect(index.resolve('x.JPG')).toBeUndefined();
  });

  it('refuses two longer names for one image', () => {
    const index = createImageIndex(['0001.jpg']);
    expect(index.resolve('kitchen/0001.jpg')).toBe('0001.jpg');
    expect(index.resolve('/data/kitchen/0001.jpg')).toBe('0001.jpg');
    expect(index.resolve('kitchen/0001.jpg')).toBe('0001.jpg');
    expect(() => index.resolve('bath/0001.jpg')).toThrowError(/both fit the one image "0001.jpg"/);
  });

  it('joins ids with files that are named by them, where there is one', () => {
    const index = createImageIndex(['25.jpg', 'a/000000000026.jpg', 'b/27.jpg', 'c/27.png', 28]);
    expect([25, '25', '000000000025.jpg', 26, 'COCO_val2014_000000000026'].map((name) => index.resolve(name))).toEqual([
      '25.jpg',
      '25.jpg',
      '25.jpg',
      'a/000000000026.jpg',
      'a/000000000026.jpg',
    ]);
    expect(() => index.resolve(27)).toThrowError(/b\/27.jpg, c\/27.png/);
    expect(index.resolve('28.jpg')).toBe('28');
    expect(index.resolve('mine/28.jpg')).toBeUndefined();
    expect(() => index.resolve('28.png')).toThrowError(/both fit/);
    expect(createImageIndex(['0025.jpg']).resolve(25)).toBeUndefined();
  });

  it('finds by name what ids find', () => {
    const ids = Array.from({ length: 50 }, (_, at) => at * 7 + 1);
    const padded = (id: number) => String(id).padStart(12, '0');
    const forms: ((id: number) => string | number)[] = [
      (id: number) => id,
      (id: number) => String(id),
      (id: number) => padded(id),
      (id: number) => `${padded(id)}.jpg`,
      (id: number) => `COCO_train2014_${padded(id)}.jpg`,
      (id: number) => `train2014\\COCO_train2014_${padded(id)}`,
      (id: number) => `./${id}.jpg`,
    ];
    for (const stored of forms) {
      for (const asked of forms) {
        const index = createImageIndex(ids.map(stored));
        const places = new Map(ids.map((id) => [index.resolve(stored(id)), id]));
        expect(ids.map((id) => places.get(index.resolve(asked(id))))).toEqual(ids);
      }
    }
  });
});
