import * as tf from '@tensorflow/tfjs';

/**
 * Doubles height and width by repetition: `y[2i + a, 2j + b] = x[i, j]`.
 *
 * The gradient is the sum over each 2×2 block, here as four times an average pooling: that of tfjs's
 * `resizeNearestNeighbor` is wrong on its cpu backend for more than one image.
 *
 * @param x  `[B, H, W, C]`
 * @returns `[B, 2H, 2W, C]`
 */
export function upsampleNearest2x(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  const double = tf.customGrad((input) => ({
    value: tf.image.resizeNearestNeighbor(input as tf.Tensor4D, [2 * height, 2 * width]),
    gradFunc: (dy: tf.Tensor) => tf.mul(tf.avgPool(dy as tf.Tensor4D, 2, 2, 0), 4),
  }));
  return double(x) as tf.Tensor4D;
}
