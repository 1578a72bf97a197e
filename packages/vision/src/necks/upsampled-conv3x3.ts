import { kaimingUniformInitializer, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

/**
 * A 3×3 convolution (padding 1, no bias) of a nearest ×2 upsampling, without making the large map.
 *
 * Every output pixel of one phase (row and column even or odd) sees only 2×2 different pixels of the small map, so each phase is a 2×2 convolution with
 * sums of the taps that fall together: 16 products per small pixel instead of 36.
 *
 * @param x  `[B, H, W, in]`, before the upsampling.
 * @returns `[B, 2H, 2W, filters]`, equal to `conv3x3(upsample(x))` up to rounding.
 */
export function upsampledConv3x3(scope: Scope, x: tf.Tensor4D, { filters }: { readonly filters: number }): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const weight = scope.parameter('weight', [3, 3, channels, filters], kaimingUniformInitializer, 'conv') as tf.Tensor4D;
  const rows = [0, 1].map((row) => {
    const ofRow = phaseTaps(weight, row, 0);
    const columns = [0, 1].map((column) => {
      const taps = phaseTaps(ofRow, column, 1);
      const pad: [[number, number], [number, number], [number, number], [number, number]] = [
        [0, 0],
        [1 - row, row],
        [1 - column, column],
        [0, 0],
      ];
      return tf.conv2d(x, taps, 1, pad);
    });
    return tf.reshape(tf.stack(columns, 3), [batch, height, 2 * width, filters]);
  });
  return tf.reshape(tf.stack(rows, 2), [batch, 2 * height, 2 * width, filters]);
}

/** The three taps of an axis as the two that a phase sees: even positions `[k0, k1 + k2]`, odd ones `[k0 + k1, k2]`. */
function phaseTaps(weight: tf.Tensor4D, phase: number, axis: number): tf.Tensor4D {
  const [first, second, third] = tf.split(weight, 3, axis) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return phase === 0
    ? tf.concat([first, tf.add(second, third) as tf.Tensor4D], axis)
    : tf.concat([tf.add(first, second) as tf.Tensor4D, third], axis);
}
