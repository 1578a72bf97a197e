import { expect, it } from 'vitest';
import { imageKey } from './image-key.js';

it.each([
  [581857, '581857'],
  ['581857', '581857'],
  ['COCO_train2014_000000581857.jpg', '581857'],
  ['COCO_train2014_000000581857_16.jpg', '581857'],
  ['train2014/COCO_train2014_000000581857', '581857'],
  ['000000524520.jpg', '524520'],
  ['images\\524520.png', '524520'],
  ['0', '0'],
  ['img_12.v2.jpeg', 'img_12.v2'],
  ['my.photo', 'my.photo'],
])('%s is image %s', (image, key) => {
  expect(imageKey(image)).toBe(key);
});
