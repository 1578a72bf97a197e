import { createScope, declareParameters } from '@refclip/nn';
import { finiteDifferences, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionPooling } from './attention-pooling.js';

beforeAll(() => tf.setBackend('cpu'));

const [batch, length, size, glimpses] = [2, 3, 8, 4];
const padded = [
  [false, false, true],
  [true, true, true],
];
const pool = (scope: Parameters<typeof attentionPooling>[0], x: tf.Tensor) =>
  attentionPooling(scope, x as tf.Tensor3D, tf.tensor2d(padded, [batch, length], 'bool'), { dropout: 0, glimpses });
const { parameters } = declareParameters((scope, { x }) => pool(scope, x as tf.Tensor), {
  x: { shape: [batch, length, size], dtype: 'float32' },
});
const values = Object.fromEntries(
  parameters.map(({ name, shape }) => [
    name,
    uniform(
      name,
      shape.reduce((product, d) => product * d, 1),
    ),
  ]),
);
const x = uniform('x', batch * length * size);

/** `mlp`, a softmax over the positions per glimpse, the slice of channels of each, `linear_merge`: in loops. */
function reference(input: Float32Array): number[] {
  const of = (name: string) => values[name] as Float32Array;
  const apply = (name: string, row: readonly number[], outputs: number) =>
    Array.from({ length: outputs }, (_, out) =>
      row.reduce(
        (sum, value, i) => sum + value * (of(`${name}.weight`)[i * outputs + out] as number),
        of(`${name}.bias`)[out] as number,
      ),
    );
  return padded.flatMap((rows, b) => {
    const words = rows.map((_, t) => Array.from(input.slice((b * length + t) * size, (b * length + t + 1) * size)));
    const logits = words.map((word, t) => {
      const hidden = apply('mlp.fc.linear', word, size / 2).map((value) => Math.max(0, value));
      return apply('mlp.linear', hidden, glimpses).map((value) => (rows[t] ? -1e9 : value));
    });
    const pooled = Array.from({ length: size }, (_, channel) => {
      const glimpse = Math.floor(channel / (size / glimpses));
      const scores = logits.map((row) => row[glimpse] as number);
      const top = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - top));
      const total = shares.reduce((sum, share) => sum + share, 0);
      return words.reduce((sum, word, t) => sum + ((shares[t] as number) / total) * (word[channel] as number), 0);
    });
    return apply('linear_merge', pooled, size);
  });
}

describe('attentionPooling with several glimpses', () => {
  const tensors = () =>
    Object.fromEntries(
      parameters.map(({ name, shape }) => [name, tf.tensor(values[name] as Float32Array, [...shape])]),
    );
  it('equals loops; an expression without words attends to all positions alike', () => {
    const { scope } = createScope(tensors(), { training: false });
    const y = pool(scope, tf.tensor3d(x, [batch, length, size]));
    expect(y.shape).toEqual([batch, size]);
    expect(y.dataSync()).toBeAllClose(reference(x), { rtol: 1e-5, atol: 1e-6 });
  });
  it('has the gradient of finite differences', () => {
    const coefficients = uniform('coefficients', batch * size);
    const gradient = tf.grad((input: tf.Tensor) => {
      const { scope } = createScope(tensors(), { training: false });
      return tf.sum(tf.mul(pool(scope, input), tf.tensor2d(coefficients, [batch, size])));
    })(tf.tensor3d(x, [batch, length, size]));
    const expected = finiteDifferences(
      (v) => reference(v).reduce((sum, value, i) => sum + value * (coefficients[i] as number), 0),
      x,
    );
    expect(gradient.dataSync()).toBeAllClose(expected, { rtol: 1e-3, atol: 1e-4 });
  });
});
