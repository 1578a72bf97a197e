import { cellOrigins } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';

/**
 * Boxes out of the raw prediction of a square map: `c = (offset + cell)·stride`, `size = exp(raw)·stride`.
 *
 * @param raw  `[B, cells, 4]`, of `yoloxHead`.
 * @param stride  pixels of the network's input per cell.
 * @returns `[B, cells, 4]`: cx, cy, w, h in pixels of the network's input.
 */
export function decodeYoloxBoxes(raw: tf.Tensor3D, stride: number): tf.Tensor3D {
  const [centers, sizes] = tf.split(raw, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  const side = Math.sqrt(raw.shape[1]);
  return tf.mul(tf.concat([tf.add(centers, cellOrigins(side, side)) as tf.Tensor3D, tf.exp(sizes)], 2), stride);
}
