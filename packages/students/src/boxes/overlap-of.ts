import * as tf from '@tensorflow/tfjs';

/** Areas shared and covered by pairs of boxes. */
export interface Overlap {
  /** `[B, N]`, 0 unless the boxes overlap on both axes. */
  readonly intersection: tf.Tensor2D;
  /** `[B, N]` */
  readonly union: tf.Tensor2D;
}

/**
 * How far the boxes of an image and its target overlap.
 *
 * Gradients flow into the boxes alone. Boxes that do not overlap get none from the intersection.
 *
 * @param boxes   `[B, N, 4]`: cx, cy, w, h.
 * @param target  `[B, 4]`, in the same unit.
 */
export function overlapOf(boxes: tf.Tensor3D, target: tf.Tensor2D): Overlap {
  const [batch, count] = boxes.shape;
  const corners = (all: tf.Tensor3D) => {
    const [center, size] = tf.split(all, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
    const half = tf.div(size, 2);
    return { low: tf.sub(center, half), high: tf.add(center, half), size };
  };
  // As many rows as there are boxes: tfjs has no gradient of minimum and maximum over broadcast axes.
  const wanted = corners(tf.tile(tf.reshape(target, [batch, 1, 4]) as tf.Tensor3D, [1, count, 1]));
  const own = corners(boxes);
  const sides = tf.relu(tf.sub(tf.minimum(own.high, wanted.high), tf.maximum(own.low, wanted.low)));
  const area = (size: tf.Tensor) => {
    const [width, height] = tf.unstack(size, 2) as [tf.Tensor, tf.Tensor];
    return tf.mul(width, height);
  };
  const intersection = area(sides) as tf.Tensor2D;
  const union = tf.sub(tf.add(area(own.size), area(wanted.size)), intersection) as tf.Tensor2D;
  return { intersection, union };
}
