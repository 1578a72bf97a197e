import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import { createEngine } from '../create-engine.js';
import { hostTensor } from '../host-tensor.js';

const engine = await createEngine({ engine: 'compiled', device: 'cpu' });
afterAll(() => engine.dispose());

const ramp = (shape: readonly number[], step: number) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return hostTensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * step)),
    shape,
  );
};

// Large enough for a matrix a tap; every axis of another length, so that no two can be taken for each other.
it.each([
  [[2, 3, 60, 64], 1],
  [[3, 2, 64, 60], 1],
  [[3, 3, 48, 56], 2],
] as const)(
  'a trained filter %j with stride %i convolves as in TensorFlow.js, gradients too',
  async (shape, stride) => {
    const x = ramp([2, 7, 6, shape[2]], 0.37);
    const filter = ramp(shape, 0.11);
    const program = (inputs: { x: tf.Tensor4D; filter: tf.Tensor4D }) => {
      const convolve = (map: tf.Tensor4D, weights: tf.Tensor4D) => tf.conv2d(map, weights, stride, 'same');
      const [dx, dFilter] = tf.grads((map, weights) =>
        tf.sum(tf.square(convolve(map as tf.Tensor4D, weights as tf.Tensor4D))),
      )([inputs.x, inputs.filter]) as [tf.Tensor, tf.Tensor];
      return { y: convolve(inputs.x, inputs.filter), dx, dFilter };
    };
    const executable = await engine.compile((tensors) => program(tensors as { x: tf.Tensor4D; filter: tf.Tensor4D }), {
      name: 'filters',
      inputs: { x: { shape: x.shape, dtype: 'float32' }, filter: { shape: filter.shape, dtype: 'float32' } },
    });
    const results = await executable.run({ x, filter });
    await tf.setBackend('cpu');
    const truth = program({
      x: tf.tensor4d(x.data as Float32Array, [...x.shape] as [number, number, number, number]),
      filter: tf.tensor4d(filter.data as Float32Array, [...filter.shape] as [number, number, number, number]),
    });
    for (const [name, expected] of Object.entries(truth)) {
      const values = expected.dataSync() as Float32Array;
      const scale = Math.max(...values.map(Math.abs));
      const worst = Math.max(...values.map((value, i) => Math.abs(value - (results[name]?.data[i] ?? Number.NaN))));
      expect(worst / scale, name).toBeLessThan(1e-5);
    }
  },
);
