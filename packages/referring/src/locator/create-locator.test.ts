import { initializeParameters, onesInitializer, type Scope } from '@refclip/nn';
import { createEngine } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { ReferringModel } from '../model/referring-model.js';
import { createLocator } from './create-locator.js';

/** Answers with (brightness, first token, brightness + 1, first token + 1), times a weight of one. */
const scale = (scope: Scope) => scope.parameter('scale', [], onesInitializer);
const brightness = (images: tf.Tensor) => tf.mean(tf.cast(images, 'float32'), [1, 2, 3]);
const common: Omit<ReferringModel, 'imageInputs' | 'frozenOutputs' | 'encodeImages'> = {
  name: 'toy',
  inputSize: 2,
  maxTokens: 3,
  supervision: 'none',
  trainingSides: [2],
  parameters: [
    { name: 'scale', shape: [], layout: 'plain', kind: 'parameter', dtype: 'float32', initializer: onesInitializer },
  ],
  isTrainable: () => true,
  trainLoss: () => ({ loss: tf.scalar(0) }),
  locate: (scope, { light }, tokens) => {
    const first = tf.cast(tf.reshape(tf.slice(tokens, [0, 0], [-1, 1]), [-1]), 'float32');
    const x = tf.mul(light as tf.Tensor1D, scale(scope));
    return {
      boxes: tf.stack([x, first, tf.add(x, 1), tf.add(first, 1)], 1) as tf.Tensor2D,
      scores: tf.div(first, 100) as tf.Tensor1D,
    };
  },
};
const withFrozenPart: ReferringModel = {
  ...common,
  imageInputs: (batch) => ({ light: { shape: [batch], dtype: 'float32' } }),
  frozenOutputs: (_, images) => ({ light: brightness(images) }),
  encodeImages: (scope, { light }) => ({ light: tf.mul(light as tf.Tensor, scale(scope)) }),
};
const fromImages: ReferringModel = {
  ...common,
  imageInputs: (batch) => ({ images: { shape: [batch, 2, 2, 3], dtype: 'uint8' } }),
  encodeImages: (_, { images }) => ({ light: brightness(images as tf.Tensor) }),
};

test.each([
  ['a frozen part', withFrozenPart],
  ['images', fromImages],
])('answers in the order asked, whatever the batch, from %s', async (_, model) => {
  const engine = await createEngine({ engine: 'cpu' });
  const values = initializeParameters(model.parameters, 1);
  const locator = createLocator({ engine, model, values, imageBatch: 2, textBatch: 2 });
  const images = [10, 20, 30].map((value) => new Uint8Array(12).fill(value));
  const encoded = await locator.encodeImages(await locator.imageInputs(images));
  const rows = [2, 0, 1].map((at) => encoded[at] ?? {});
  const answers = await locator.locate(rows, Int32Array.of(7, 0, 0, 8, 1, 0, 9, 0, 0));
  expect(answers.map(({ box }) => [...box])).toEqual([
    [30, 7, 31, 8],
    [10, 8, 11, 9],
    [20, 9, 21, 10],
  ]);
  expect(answers[0]?.confidence).toBeCloseTo(0.07);
  expect(await locator.locate([], new Int32Array())).toEqual([]);
  await locator.dispose();
});
