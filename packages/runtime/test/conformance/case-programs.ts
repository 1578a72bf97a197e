import * as tf from '@tensorflow/tfjs';
import type { HostTensor, NamedHostTensors, Program } from '../../src/index.js';
import type { ConformanceCase } from './conformance-case.js';

/** Shapes and types of inputs. */
export const specsOf = (inputs: NamedHostTensors) =>
  Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));

/** The case's call; its results are `y0`, `y1`, … */
export const valueProgram =
  ({ run }: ConformanceCase): Program =>
  (inputs) => {
    const result = run(inputs);
    return Object.fromEntries((Array.isArray(result) ? result : [result]).map((tensor, i) => [`y${i}`, tensor]));
  };

/** Fixed weights of output element i in the scalar whose gradient is checked. */
export const weightOf = (i: number) => 0.5 + ((i * 7) % 5) / 4;

const loss = (outputs: readonly tf.Tensor[]): tf.Scalar =>
  outputs
    .map((y, at) => {
      const before = outputs.slice(0, at).reduce((sum, { size }) => sum + size, 0);
      const weights = tf.tensor(
        Float32Array.from({ length: y.size }, (_, i) => weightOf(before + i)),
        y.shape,
      );
      return tf.sum(tf.mul(y, weights)) as tf.Scalar;
    })
    .reduce((sum, term) => tf.add(sum, term));

/** Gradients of a fixed weighted sum of the results, by input name. */
export const gradientProgram =
  ({ run, gradient = [] }: ConformanceCase): Program =>
  (inputs) => {
    const f = (...at: tf.Tensor[]) => {
      const result = run({ ...inputs, ...Object.fromEntries(gradient.map((name, i) => [name, at[i] as tf.Tensor])) });
      return loss(Array.isArray(result) ? result : [result]);
    };
    const gradients = tf.grads(f)(gradient.map((name) => inputs[name] as tf.Tensor));
    return Object.fromEntries(gradient.map((name, i) => [name, gradients[i] as tf.Tensor]));
  };

/** Results in their order. */
export const outputsOf = (result: NamedHostTensors) => Object.entries(result).map(([, tensor]) => tensor);
/** All elements one after another. */
export const joined = (tensors: readonly HostTensor[]) => tensors.flatMap(({ data }) => Array.from(data, Number));
