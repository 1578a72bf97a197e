import { binaryCrossEntropy, withoutGradient } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import { overlapOf } from '../boxes/overlap-of.js';
import type { SingleBoxOptions, SingleBoxOutput } from './single-box-output.js';
import { singleBoxTargets } from './single-box-targets.js';

/** Options of `singleBoxLoss`. */
export interface SingleBoxLossOptions extends SingleBoxOptions {
  /** A box that overlaps the object more counts neither as hit nor as miss, unless it is the assigned one. Default 0.5. */
  readonly ignoreThreshold?: number;
  /** `[B]`: factor on each image's part. Default 1. */
  readonly weights?: tf.Tensor1D;
}

/** The loss and its parts, scalars, and which boxes were left out. */
export interface SingleBoxLoss {
  readonly loss: tf.Scalar;
  readonly parts: Readonly<Record<'xy' | 'wh' | 'objectness', tf.Scalar>>;
  /** `[B, N]`, 1 where the objectness does not count. */
  readonly ignored: tf.Tensor2D;
}

/**
 * RealGIN's loss. With B images, n = B·N boxes and s the scale of the target:
 * `xy = Σ_assigned s²·BCE/(2n)`, `wh = Σ_assigned s²·(difference)²/(4n)`, `objectness = Σ_not ignored BCE/n`, `loss = B·(xy + wh + objectness)`.
 * Ignored boxes stay in the denominators. Because of the factor B it is a sum over the images, as the official code has it.
 *
 * The cross-entropy is that of logits; the official one works on probabilities and has no gradient where the sigmoid saturates.
 *
 * @param target  `[B, 4]`: cx, cy, w, h in cells; zeros for no object.
 * @see Zhou et al. 2021, A Real-Time Global Inference Network; Redmon and Farhadi 2018, YOLOv3
 */
export function singleBoxLoss(
  { raw, objectness, boxes }: SingleBoxOutput,
  target: tf.Tensor2D,
  { ignoreThreshold = 0.5, weights, ...options }: SingleBoxLossOptions,
): SingleBoxLoss {
  const [batch, count] = objectness.shape;
  const side = Math.sqrt(count / options.anchors.length);
  const { assigned, values, scale } = singleBoxTargets(target, side, options);
  const ignored = withoutGradient((own: tf.Tensor3D) => {
    const { intersection, union } = overlapOf(own, target);
    const close = tf.cast(tf.greater(tf.div(intersection, union), ignoreThreshold), 'float32');
    const present = tf.cast(tf.greater(tf.sum(target, 1, true), 0), 'float32');
    return tf.mul(tf.mul(close, present), tf.sub(1, assigned)) as tf.Tensor2D;
  }, boxes);
  const wanted = tf.reshape(tf.tile(values, [1, 1, side * side, 1]), [batch, count, 4]) as tf.Tensor3D;
  const [center, size] = tf.split(raw, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  const [place, logarithm] = tf.split(wanted, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  const squared = tf.mul(assigned, tf.square(scale)); // [B, N]
  const total = (cells: tf.Tensor) => {
    const sums = tf.sum(cells, 1);
    return tf.sum(weights ? tf.mul(sums, weights) : sums);
  };
  const n = batch * count;
  const sumOfPair = (pairs: tf.Tensor) => total(tf.mul(squared, tf.sum(pairs, 2)));
  const parts = {
    xy: tf.div(sumOfPair(binaryCrossEntropy(center, place)), 2 * n) as tf.Scalar,
    wh: tf.div(sumOfPair(tf.square(tf.sub(size, logarithm))), 4 * n) as tf.Scalar,
    objectness: tf.div(total(tf.mul(binaryCrossEntropy(objectness, assigned), tf.sub(1, ignored))), n) as tf.Scalar,
  };
  return { loss: tf.mul(tf.addN(Object.values(parts)), batch) as tf.Scalar, parts, ignored };
}
