import { createScope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { fromImages } from './from-images.js';
import type { ReferringModel } from './referring-model.js';

const model: ReferringModel = {
  name: 'toy',
  inputSize: 2,
  maxTokens: 1,
  supervision: 'none',
  trainingSides: [2],
  parameters: [],
  isTrainable: () => true,
  imageInputs: (batch) => ({ light: { shape: [batch], dtype: 'float32' } }),
  frozenOutputs: (scope, images) => ({ light: tf.mul(tf.mean(images, [1, 2, 3]), scope.training ? 100 : 1) }),
  trainLoss: (_, { light, tokens }) => ({ loss: tf.add(tf.sum(light as tf.Tensor), tf.sum(tokens as tf.Tensor)) }),
  encodeImages: (_, { light }) => ({ light: tf.neg(light as tf.Tensor) }),
  locate: () => ({ boxes: tf.zeros([1, 4]), scores: tf.zeros([1]) }),
};

test('computes the frozen part in the program, as at inference', async () => {
  await tf.setBackend('cpu');
  const whole = fromImages(model);
  expect(whole.frozenOutputs).toBeUndefined();
  expect(whole.imageInputs(3)).toEqual({ images: { shape: [3, 2, 2, 3], dtype: 'uint8' } });
  const { scope } = createScope({}, { training: true });
  const images = tf.fill([2, 2, 2, 3], 5);
  const { loss } = whole.trainLoss(scope, { images, tokens: tf.tensor2d([[1], [2]]) });
  expect(loss.arraySync()).toBe(13);
  expect(whole.encodeImages(scope, { images }).light?.arraySync()).toEqual([-5, -5]);
  expect(fromImages(whole)).toBe(whole);
});
