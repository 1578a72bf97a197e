import { describe, expect, it } from 'vitest';
import { imageIdOfName } from './image-id-of-name.js';

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
