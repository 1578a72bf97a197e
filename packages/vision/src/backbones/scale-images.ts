import * as tf from '@tensorflow/tfjs';

/**
 * `images/255`: what the students see, without mean and deviation.
 *
 * @param images  `[B, H, W, 3]` RGB, 0 … 255, int32 or float32.
 * @returns `[B, H, W, 3]` float32 in [0, 1]
 */
export function scaleImages(images: tf.Tensor): tf.Tensor4D {
  return tf.mul(tf.cast(images, 'float32'), 1 / 255) as tf.Tensor4D;
}
