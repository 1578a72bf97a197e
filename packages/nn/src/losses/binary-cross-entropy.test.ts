import { finiteDifferences } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { binaryCrossEntropy } from './binary-cross-entropy.js';

beforeAll(() => tf.setBackend('cpu'));

const logits = Float32Array.of(-80, -3, -0.5, 0, 0.25, 2, 80);
const targets = [0, 1, 0.3, 1, 0, 0.8, 1];

test('is −t·ln σ(x) − (1 − t)·ln(1 − σ(x)), with the gradient of finite differences, at 0 too', () => {
  const reference = (x: number, t: number) => t * Math.log1p(Math.exp(-x)) + (1 - t) * Math.log1p(Math.exp(x));
  const t = tf.tensor1d(targets);
  const expected = targets.map((target, i) => reference(logits[i] as number, target));
  expect(binaryCrossEntropy(tf.tensor1d(logits), t).dataSync()).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-6 });
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(binaryCrossEntropy(x, t)))(tf.tensor1d(logits));
  const differences = finiteDifferences(
    (x) => targets.reduce((sum, target, i) => sum + reference(x[i] as number, target), 0),
    logits,
  );
  expect(gradient.dataSync()).toBeAllClose(differences, { rtol: 1e-4, atol: 1e-5 });
});
