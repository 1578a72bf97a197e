import { describe, expect, it } from 'vitest';
import { nameImage, nameOwnImage } from './name-image.js';

const both = [nameImage, nameOwnImage];

describe('images of records', () => {
  it('are ids where names hold them, and keep names that the id alone would not give', () => {
    for (const name of both) {
      for (const written of [
        'COCO_train2014_000000581857.jpg',
        'COCO_train2014_000000581857_16.jpg',
        'train2014/COCO_train2014_000000581857.jpg',
        'train2014\\COCO_train2014_000000581857',
        '581857',
        581857,
      ])
        expect(name(written)).toEqual({ image: 581857 });
      const val = 'COCO_val2014_000000000042.jpg';
      expect([name(val), name(val.slice(0, -4)), name(`val2014\\${val}`), name('000000000042.jpg')]).toEqual([
        { image: 42, imageName: val },
        { image: 42, imageName: val },
        { image: 42, imageName: `val2014/${val}` },
        { image: 42, imageName: '000000000042.jpg' },
      ]);
    }
  });

  it('are names with folder and extension otherwise', () => {
    for (const name of both) {
      for (const written of [
        'cat.jpg',
        '0001.jpg',
        '1.png',
        'mine/1.jpg',
        '1_2.jpg',
        'COCO_train2014_12.jpg',
        '../581857.jpg',
      ])
        expect(name(written)).toEqual({ image: written });
      expect(name('.\\kitchen\\0001.jpg')).toEqual({ image: 'kitchen/0001.jpg' });
    }
  });

  it("take 25.jpg for the id 25 in files of tools that number images, and for a name in one's own", () => {
    expect([nameImage('25.jpg'), nameOwnImage('25.jpg')]).toEqual([
      { image: 25, imageName: '25.jpg' },
      { image: '25.jpg' },
    ]);
  });
});
