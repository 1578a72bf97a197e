import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import fixture from '../__fixtures__/simrec-cases.json' with { type: 'json' };
import { nearestSources, resizeNearest } from './resize-nearest.js';

test.each(Object.entries(fixture.nearest_resize))('to %s pixels takes the pixels that PyTorch takes', (side, sum) => {
  const total = nearestSources(416, Number(side)).reduce((all, source, i) => all + (i + 1) * source, 0);
  expect(total).toBe(sum);
});

test('takes rows and columns of every channel', async () => {
  await tf.setBackend('cpu');
  const images = tf.tensor4d([0, 1, 2, 3, 4, 5, 6, 7, 8], [1, 3, 3, 1], 'int32');
  expect([...resizeNearest(images, 2).dataSync()]).toEqual([0, 1, 3, 4]);
  expect(resizeNearest(images, 3)).toBe(images);
  expect(resizeNearest(images, 6).dataSync().slice(0, 12)).toEqual(Int32Array.of(0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2));
});
