import { kaimingUniformInitializer, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import type { FourMaps } from './phases.js';

/**
 * A 3×3 convolution (padding 1, no bias) of a nearest ×2 upsampling, without making the large map.
 *
 * Every output pixel of one phase (row and column even or odd) sees only 2×2 different pixels of the small map, so each phase is a 2×2 convolution with
 * sums of the taps that fall together: 16 products per small pixel instead of 36.
 *
 * @param x  `[B, H, W, in]`, before the upsampling.
 * @returns the four phases of `conv3x3(upsample(x))`, `[B, H, W, filters]` each, up to rounding.
 */
export function upsampledConv3x3(scope: Scope, x: tf.Tensor4D, { filters }: { readonly filters: number }): FourMaps {
  const channels = x.shape[3];
  const weight = scope.parameter('weight', [3, 3, channels, filters], kaimingUniformInitializer, 'conv') as tf.Tensor4D;
  const [even, odd] = [phaseTaps(weight, 0, 0), phaseTaps(weight, 1, 0)];
  const phase = (ofRow: tf.Tensor4D, row: number, column: number) =>
    tf.conv2d(x, phaseTaps(ofRow, column, 1), 1, [
      [0, 0],
      [1 - row, row],
      [1 - column, column],
      [0, 0],
    ]);
  return [phase(even, 0, 0), phase(even, 0, 1), phase(odd, 1, 0), phase(odd, 1, 1)];
}

/** The three taps of an axis as the two that a phase sees: even positions `[k0, k1 + k2]`, odd ones `[k0 + k1, k2]`. */
function phaseTaps(weight: tf.Tensor4D, phase: number, axis: number): tf.Tensor4D {
  const [first, second, third] = tf.split(weight, 3, axis) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return phase === 0
    ? tf.concat([first, tf.add(second, third) as tf.Tensor4D], axis)
    : tf.concat([tf.add(first, second) as tf.Tensor4D, third], axis);
}
