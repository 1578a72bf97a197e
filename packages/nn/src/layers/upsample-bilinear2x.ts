import * as tf from '@tensorflow/tfjs';

/**
 * Doubles height and width by bilinear interpolation with aligned corners: pixel i of n lies at `i·(n − 1)/(2n − 1)` of the input, so that the four corner
 * pixels keep their values.
 *
 * As two matrix products, rows and then columns; the gradient is their transposes.
 *
 * @param x  `[B, H, W, C]`
 * @returns `[B, 2H, 2W, C]`
 */
export function upsampleBilinear2x(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const along = (size: number, input: tf.Tensor) => tf.matMul(interpolation(size), input);
  const tall = along(height, tf.reshape(x, [batch, height, width * channels])); // [B, 2H, W·C]
  const rows = tf.reshape(tall, [batch * 2 * height, width, channels]);
  return tf.reshape(along(width, rows), [batch, 2 * height, 2 * width, channels]);
}

/** The weights of the inputs in each output: `[1, 2n, n]`. */
function interpolation(size: number): tf.Tensor3D {
  const weights = new Float32Array(2 * size * size);
  for (let i = 0; i < 2 * size; i++) {
    const position = (i * (size - 1)) / (2 * size - 1);
    const low = Math.min(Math.floor(position), Math.max(0, size - 2));
    const fraction = position - low;
    weights[i * size + low] = 1 - fraction;
    if (size > 1) weights[i * size + low + 1] = fraction;
  }
  return tf.tensor3d(weights, [1, 2 * size, size]);
}
