import * as tf from '@tensorflow/tfjs';

/**
 * `x·σ(x)`.
 *
 * @see Elfwing et al. 2018, Sigmoid-weighted linear units
 */
export function silu<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.sigmoid(x));
}
