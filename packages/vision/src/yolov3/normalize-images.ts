import * as tf from '@tensorflow/tfjs';

/** Mean of the RGB channels over ImageNet, of values in [0, 1]. */
export const IMAGE_MEAN = [0.485, 0.456, 0.406] as const;
/** Standard deviation of the RGB channels over ImageNet, of values in [0, 1]. */
export const IMAGE_DEVIATION = [0.229, 0.224, 0.225] as const;

/**
 * `(images/255 − mean)/deviation` per channel.
 *
 * @param images  `[B, H, W, 3]` RGB, 0 … 255, int32 or float32.
 * @returns `[B, H, W, 3]` float32
 */
export function normalizeImages(images: tf.Tensor): tf.Tensor4D {
  const scale = IMAGE_DEVIATION.map((deviation) => 1 / (255 * deviation));
  const shift = IMAGE_MEAN.map((mean, channel) => -mean / (IMAGE_DEVIATION[channel] as number));
  return tf.add(tf.mul(tf.cast(images, 'float32'), tf.tensor1d(scale)), tf.tensor1d(shift)) as tf.Tensor4D;
}
