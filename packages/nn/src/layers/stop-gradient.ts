import * as tf from '@tensorflow/tfjs';

/** The same values, through which no gradient flows back. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  const stop = tf.customGrad((input) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return stop(x) as T;
}
