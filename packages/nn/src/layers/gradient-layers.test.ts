import { finiteDifferences, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { stopGradient } from './stop-gradient.js';
import { upsampleNearest2x } from './upsample-nearest2x.js';

beforeAll(() => tf.setBackend('cpu'));

describe('upsampleNearest2x', () => {
  it('repeats each value in a 2×2 block', () => {
    const y = upsampleNearest2x(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]));
    expect(y.shape).toEqual([1, 4, 4, 1]);
    expect(y.dataSync()).toBeAllClose([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
  });
  it('has the gradient of finite differences, for every image of a batch', () => {
    const x = uniform('x', 2 * 2 * 3 * 2);
    const coefficients = tf.tensor4d(uniform('coefficients', 2 * 4 * 6 * 2), [2, 4, 6, 2]);
    const f = (input: tf.Tensor) => tf.sum(tf.mul(upsampleNearest2x(input as tf.Tensor4D), coefficients)) as tf.Scalar;
    const gradient = tf.grad(f)(tf.tensor4d(x, [2, 2, 3, 2]));
    const expected = finiteDifferences(
      (v) => tf.tidy(() => f(tf.tensor4d(v, [2, 2, 3, 2])).dataSync()[0] as number),
      x,
      0.1,
    );
    expect(gradient.dataSync()).toBeAllClose(expected, { rtol: 1e-3, atol: 1e-4 });
  });
});

describe('stopGradient', () => {
  it('keeps the value and drops the gradient', () => {
    const f = (x: tf.Tensor) => tf.sum(tf.mul(x, stopGradient(x))) as tf.Scalar;
    const { value, grad } = tf.valueAndGrad(f)(tf.tensor1d([2, 3]));
    expect(value.dataSync()[0]).toBe(13);
    expect(grad.dataSync()).toBeAllClose([2, 3]);
  });
});
