import { describe, expect, it } from 'vitest';
import { imageIdOfName, nameImage, nameOwnImage } from './image-id-of-name.js';

describe('imageIdOfName', () => {
  it.each([
    ['COCO_train2014_000000581857.jpg', 581857],
    ['COCO_train2014_000000581857_16.jpg', 581857],
    ['train2014/COCO_train2014_000000581857.jpg', 581857],
    ['COCO_val2014_000000000042.jpg', 42],
    ['000000524520.jpg', 524520],
    ['524520.jpg', 524520],
  ])('%s is %i', (name, id) => {
    expect(imageIdOfName(name)).toBe(id);
  });

  it.each(['cat.jpg', '0001.jpg', '1.png', 'mine/1.jpg', '1_2.jpg', 'COCO_train2014_12.jpg', '../581857.jpg', ''])(
    '%s stays a name',
    (name) => {
      expect(imageIdOfName(name)).toBe(name);
    },
  );
});

describe('nameImage', () => {
  it('keeps the name where the id alone would give another', () => {
    expect(nameImage('COCO_train2014_000000581857_16.jpg')).toEqual({ image: 581857 });
    expect(nameImage('COCO_val2014_000000000042.jpg')).toEqual({
      image: 42,
      imageName: 'COCO_val2014_000000000042.jpg',
    });
    expect(nameImage('25.jpg')).toEqual({ image: 25, imageName: '25.jpg' });
    expect(nameImage('cat.jpg')).toEqual({ image: 'cat.jpg' });
    expect(nameImage(25)).toEqual({ image: 25 });
  });

  it("takes no id from a short number of one's own", () => {
    expect(nameOwnImage('25.jpg')).toEqual({ image: '25.jpg' });
    expect(nameOwnImage('000000000025.jpg')).toEqual({ image: 25, imageName: '000000000025.jpg' });
  });
});
