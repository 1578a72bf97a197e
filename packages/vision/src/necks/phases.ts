import * as tf from '@tensorflow/tfjs';

/**
 * A map `[B, 2H, 2W, C]` as its four phases (row and column even or odd), `[B, H, W, C]` each: one tensor `[4, B, H, W, C]`, or a list of four.
 *
 * What treats every pixel alike (normalization, activations) can be done on phases, and the mean over 2×2 pixels is the mean of the phases.
 */
export type Phases = tf.Tensor5D | FourMaps;

/** In the order (even, even), (even, odd), (odd, even), (odd, odd) of rows and columns: pixel (i, j) of phase (r, c) is pixel (2i + r, 2j + c) of the map. */
export type FourMaps = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

/** 2×2 average pooling of the map. @returns `[B, H, W, C]` */
export function meanOfPhases(phases: Phases): tf.Tensor4D {
  return isList(phases) ? tf.mul(tf.addN([...phases]), 1 / 4) : tf.mean<tf.Tensor4D>(phases, 0);
}

/** The map itself. @returns `[B, 2H, 2W, C]` */
export function joinPhases(phases: Phases): tf.Tensor4D {
  const [batch, height, width, channels] = isList(phases) ? phases[0].shape : lastFour(phases.shape);
  const whole: [number, number, number, number] = [batch, 2 * height, 2 * width, channels];
  if (!isList(phases)) {
    const split = tf.reshape(phases, [2, 2, batch, height, width, channels]);
    return tf.reshape(tf.transpose(split, [2, 3, 0, 4, 1, 5]), whole);
  }
  const [topLeft, topRight, bottomLeft, bottomRight] = phases;
  const row = (left: tf.Tensor4D, right: tf.Tensor4D) =>
    tf.reshape(tf.stack([left, right], 3), [batch, height, 2 * width, channels]);
  return tf.reshape(tf.stack([row(topLeft, topRight), row(bottomLeft, bottomRight)], 2), whole);
}

function isList(phases: Phases): phases is FourMaps {
  return Array.isArray(phases);
}

const lastFour = ([, batch, height, width, channels]: tf.Tensor5D['shape']): tf.Tensor4D['shape'] => [
  batch,
  height,
  width,
  channels,
];
