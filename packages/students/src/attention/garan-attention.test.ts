import { createScope, declareParameters } from '@refclip/nn';
import { finiteDifferences, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { declareUnusedAttentionMap, garanAttention } from './garan-attention.js';

beforeAll(() => tf.setBackend('cpu'));

const [batch, side, channels, size] = [2, 3, 8, 5];
const [cells, heads] = [side * side, 2];
const d = channels / heads;
const x = uniform('x', batch * cells * channels);
const text = uniform('text', batch * size);
const inputs = {
  x: { shape: [batch, side, side, channels], dtype: 'float32' as const },
  text: { shape: [batch, size], dtype: 'float32' as const },
};
const { parameters } = declareParameters(
  (scope, given) => ({ ...garanAttention(scope, given.x as tf.Tensor4D, given.text as tf.Tensor2D) }),
  inputs,
);
type Values = Readonly<Record<string, Float32Array>>;
const values: Values = Object.fromEntries(
  parameters.map(({ name, shape }) => {
    const count = shape.reduce((product, dimension) => product * dimension, 1);
    return [name, uniform(name, count, name.endsWith('running_var') ? 0.5 : -1, 1.5)];
  }),
);

/** Keys and values of every cell, as the paper draws it. */
function reference(own: Values, map: ArrayLike<number>, transposed: boolean): number[] {
  const of = (name: string) => own[name] as Float32Array;
  const dense = (name: string, row: ArrayLike<number>, inputs: number) =>
    Array.from({ length: channels }, (_, out) => {
      let sum = of(`${name}.bias`)[out] as number;
      for (let i = 0; i < inputs; i++) sum += (row[i] as number) * (of(`${name}.weight`)[i * channels + out] as number);
      return sum;
    });
  const result: number[] = [];
  for (let b = 0; b < batch; b++) {
    const rows = Array.from({ length: cells }, (_, cell) =>
      Array.from({ length: channels }, (_unused, c) => map[(b * cells + cell) * channels + c] as number),
    );
    const query = dense('w_qs', text.subarray(b * size, (b + 1) * size), size);
    const score = (name: string, head: number) =>
      rows.map((row) => {
        const key = dense(name, row, channels);
        let sum = 0;
        for (let i = head * d; i < (head + 1) * d; i++) sum += (query[i] as number) * (key[i] as number);
        return sum / Math.sqrt(d);
      });
    const laid = rows.map(() => new Array<number>(channels).fill(0));
    for (let head = 0; head < heads; head++) {
      const powers = score('w_kc', head).map(Math.exp);
      const total = powers.reduce((sum, value) => sum + value, 0);
      const diffuse = score('w_kd', head).map((value) => 1 / (1 + Math.exp(-value)));
      for (let i = head * d; i < (head + 1) * d; i++) {
        const glimpse = rows.reduce(
          (sum, row, cell) => sum + ((powers[cell] as number) / total) * (dense('w_vs', row, channels)[i] as number),
          0,
        );
        for (let cell = 0; cell < cells; cell++) {
          const from = transposed ? (cell % side) * side + Math.floor(cell / side) : cell;
          (laid[cell] as number[])[i] = (diffuse[from] as number) * glimpse;
        }
      }
    }
    laid.forEach((row, cell) => {
      dense('w_o', row, channels).forEach((value, c) => {
        const at = (name: string) => of(`layer_norm.${name}`)[c] as number;
        const y =
          ((value - at('running_mean')) / Math.sqrt(at('running_var') + 1e-5)) * at('weight') +
          at('bias') +
          (rows[cell]?.[c] as number);
        result.push(y > 0 ? y : 0.1 * y);
      });
    });
  }
  return result;
}

const tensors = () =>
  Object.fromEntries(
    parameters.map(({ name, shape, dtype }) => [name, tf.tensor(values[name] as Float32Array, [...shape], dtype)]),
  );
const run = (own: Readonly<Record<string, tf.Tensor>>, map: tf.Tensor, transposed = true) =>
  garanAttention(createScope(own, { training: false }).scope, map as tf.Tensor4D, tf.tensor2d(text, [batch, size]), {
    transposed,
  }).attended;
const mapTensor = () => tf.tensor4d(x, [batch, side, side, channels]);

describe('garanAttention', () => {
  it.each([true, false])('equals loops over cells, heads and channels, transposed %s', (transposed) => {
    const y = run(tensors(), mapTensor(), transposed);
    expect(y.dataSync()).toBeAllClose(reference(values, x, transposed), { rtol: 1e-4, atol: 1e-4 });
  });

  const coefficients = uniform('coefficients', batch * cells * channels);
  const weigh = (y: readonly number[]) => y.reduce((sum, value, i) => sum + value * (coefficients[i] as number), 0);
  const loss = (y: tf.Tensor) =>
    tf.sum(tf.mul(y, tf.tensor4d(coefficients, [batch, side, side, channels]))) as tf.Scalar;

  it('has the gradient of finite differences by the map', () => {
    const gradient = tf.grad((map: tf.Tensor) => loss(run(tensors(), map)))(mapTensor());
    const expected = finiteDifferences((v) => weigh(reference(values, v, true)), x, 1e-4);
    expect(gradient.dataSync()).toBeAllClose(expected, { rtol: 5e-3, atol: 1e-3 });
  });

  it.each(['w_qs.weight', 'w_kd.weight', 'w_kd.bias', 'w_vs.weight', 'w_vs.bias', 'w_o.weight'])(
    'has the gradient of finite differences by %s',
    (name) => {
      const all = tensors();
      const gradient = tf.grad((own: tf.Tensor) => loss(run({ ...all, [name]: own }, mapTensor())))(
        all[name] as tf.Tensor,
      );
      const expected = finiteDifferences(
        (v) => weigh(reference({ ...values, [name]: v }, x, true)),
        values[name] as Float32Array,
        1e-4,
      );
      expect(gradient.dataSync()).toBeAllClose(expected, { rtol: 5e-3, atol: 1e-3 });
    },
  );

  it('refuses a map that is not square, unless it is not transposed', () => {
    const { scope } = createScope({}, { training: false });
    expect(() => garanAttention(scope, tf.zeros([1, 2, 3, 4]), tf.zeros([1, 5]))).toThrow(/square/);
  });

  it('drops out of both maps by masks of their own, and declares the unused convolution', () => {
    const { masks } = declareParameters(
      (scope, given) => ({ ...garanAttention(scope, given.x as tf.Tensor4D, given.text as tf.Tensor2D) }),
      inputs,
    );
    expect(masks.map(({ name, shape }) => [name, ...shape])).toEqual([
      ['collect', batch, heads, cells],
      ['diffuse', batch, heads, cells],
    ]);
    const unused = declareParameters((scope) => declareUnusedAttentionMap(scope, channels), {}).parameters;
    expect(unused.map(({ name, shape }) => [name, ...shape])).toEqual([
      ['w_m.weight', 3, 3, channels, 1],
      ['w_m.bias', 1],
    ]);
  });
});
