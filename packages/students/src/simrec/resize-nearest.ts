import * as tf from '@tensorflow/tfjs';

/**
 * Resizes square images as PyTorch's `nearest` does: pixel i of the result is pixel `⌊i·from/to⌋`, scale and product rounded to float32.
 *
 * @param images  `[B, S, S, C]`, any type.
 * @returns `[B, side, side, C]`
 */
export function resizeNearest(images: tf.Tensor4D, side: number): tf.Tensor4D {
  const from = images.shape[1];
  if (from === side) return images;
  const sources = tf.tensor1d(nearestSources(from, side), 'int32');
  return tf.gather(tf.gather(images, sources, 1), sources, 2);
}

/** Which pixel of `from` each of `to` is taken from. */
export function nearestSources(from: number, to: number): Int32Array {
  const scale = Math.fround(from / to);
  return Int32Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.floor(Math.fround(i * scale))));
}
