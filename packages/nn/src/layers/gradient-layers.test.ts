import { finiteDifferences, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { silu } from './silu.js';
import { stopGradient } from './stop-gradient.js';
import { upsampleBilinear2x } from './upsample-bilinear2x.js';
import { upsampleNearest2x } from './upsample-nearest2x.js';
import { withoutGradient } from './without-gradient.js';

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

describe('upsampleBilinear2x', () => {
  const shape: [number, number, number, number] = [2, 2, 3, 2];
  /** Each output pixel from its four neighbors, one at a time. */
  const reference = (x: ArrayLike<number>) => {
    const [batch, height, width, channels] = shape;
    const axis = (i: number, n: number) => {
      const position = (i * (n - 1)) / (2 * n - 1);
      const low = Math.floor(position);
      return { low, high: Math.min(n - 1, low + 1), part: position - low };
    };
    const at = (b: number, y: number, z: number, c: number) =>
      x[((b * height + y) * width + z) * channels + c] as number;
    const y: number[] = [];
    for (let b = 0; b < batch; b++)
      for (let i = 0; i < 2 * height; i++)
        for (let j = 0; j < 2 * width; j++)
          for (let c = 0; c < channels; c++) {
            const [row, column] = [axis(i, height), axis(j, width)];
            const along = (r: number) =>
              at(b, r, column.low, c) * (1 - column.part) + at(b, r, column.high, c) * column.part;
            y.push(along(row.low) * (1 - row.part) + along(row.high) * row.part);
          }
    return y;
  };
  const x = uniform('x', 24);
  it('equals loops over the pixels, corners kept', () => {
    const y = upsampleBilinear2x(tf.tensor4d(x, shape));
    expect(y.shape).toEqual([2, 4, 6, 2]);
    expect(y.dataSync()).toBeAllClose(reference(x), { rtol: 1e-5, atol: 1e-6 });
    expect(y.dataSync()[0]).toBe(x[0]);
    expect(upsampleBilinear2x(tf.tensor4d([7], [1, 1, 1, 1])).dataSync()).toBeAllClose([7, 7, 7, 7]);
  });
  it('has the gradient of finite differences', () => {
    const coefficients = uniform('coefficients', 96);
    const f = (input: tf.Tensor) =>
      tf.sum(tf.mul(upsampleBilinear2x(input as tf.Tensor4D), tf.tensor4d(coefficients, [2, 4, 6, 2]))) as tf.Scalar;
    const expected = finiteDifferences(
      (v) => reference(v).reduce((sum, value, i) => sum + value * (coefficients[i] as number), 0),
      x,
    );
    expect(tf.grad(f)(tf.tensor4d(x, shape)).dataSync()).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-4 });
  });
});

describe('silu', () => {
  const x = Float32Array.of(-3, -0.5, 0, 1, 4);
  const reference = (value: number) => value / (1 + Math.exp(-value));
  it('is x times its sigmoid, with the gradient of finite differences', () => {
    expect(silu(tf.tensor1d(x)).dataSync()).toBeAllClose(Array.from(x, reference));
    const gradient = tf.grad((t: tf.Tensor) => tf.sum(silu(t)))(tf.tensor1d(x));
    const expected = finiteDifferences((v) => v.reduce((sum, value) => sum + reference(value), 0), x);
    expect(gradient.dataSync()).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 });
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

describe('withoutGradient', () => {
  it('makes a constant of a function that has no gradient', () => {
    const f = (x: tf.Tensor) => {
      const largest = withoutGradient((input: tf.Tensor) => tf.topk(input, 1).values, x);
      return tf.sum(tf.mul(x, largest)) as tf.Scalar;
    };
    const { value, grad } = tf.valueAndGrad(f)(tf.tensor1d([2, 3]));
    expect(value.dataSync()[0]).toBe(15);
    expect(grad.dataSync()).toBeAllClose([3, 3]);
  });
});
