import type { LocatedBoxes } from '@refclip/referring';
import * as tf from '@tensorflow/tfjs';

/**
 * The box of each row whose objectness is highest, the first of equals.
 *
 * @param boxes       `[B, N, 4]`: cx, cy, w, h in pixels of the network's input.
 * @param objectness  `[B, N]`, logits.
 * @returns corners, and the objectness in [0, 1].
 */
export function pickBestBoxes(boxes: tf.Tensor3D, objectness: tf.Tensor2D): LocatedBoxes {
  const [batch, count] = objectness.shape;
  const best = tf.cast(tf.argMax(objectness, 1), 'int32');
  const rows = tf.add(best, tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(count, 'int32'))) as tf.Tensor1D;
  const chosen = tf.gather(tf.reshape(boxes, [batch * count, 4]), rows); // [B, 4]
  const [center, size] = tf.split(chosen, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  const low = tf.sub(center, tf.div(size, 2)) as tf.Tensor2D;
  return {
    boxes: tf.concat([low, tf.add(low, size) as tf.Tensor2D], 1),
    scores: tf.sigmoid(tf.gather(tf.reshape(objectness, [batch * count]), rows)) as tf.Tensor1D,
  };
}
