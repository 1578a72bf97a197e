import * as tf from '@tensorflow/tfjs';
import { convolveColumns, type DeformConv2dOperands } from './deform-conv2d-composition.js';
import type { DeformConv2dAttributes } from './deform-conv2d-geometry.js';
import { type DeformConv2dSampler, samplingSizes } from './deform-conv2d-sampler.js';

/**
 * `deformConv2d` without its bias, for backends that keep tensors in the processor's memory: a sampler takes the samples, the backend multiplies them
 * with the filter.
 */
export function sampledDeformConv2d(
  operands: DeformConv2dOperands,
  attributes: DeformConv2dAttributes,
  sampler: DeformConv2dSampler,
): tf.Tensor4D {
  const { x, offset, filter } = operands;
  const sizes = samplingSizes(x.shape, filter.shape, attributes);
  const numbers = (tensor: tf.Tensor) => tf.backend().readSync(tensor.dataId) as Float32Array;
  const samples = sampler(numbers(x), numbers(offset), sizes);
  return tf.tidy(() => {
    const columns = tf.tensor3d(samples, [sizes.batch * sizes.positions, sizes.points, sizes.channels]);
    return convolveColumns(columns, operands, attributes);
  });
}
