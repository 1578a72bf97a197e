import * as tf from '@tensorflow/tfjs';

/**
 * The anchors (grid cells) of each image that are kept: those with the highest mean objectness over their boxes, **in grid order**. Of equal ones the
 * earlier in the grid wins.
 *
 * @param boxes  `[B, cells, A, 5 + …]`, objectness in [0, 1] at index 4.
 * @param count  how many are kept, at most `cells`.
 * @returns int32 `[B, count]`, ascending cell indices.
 */
export function selectAnchors(boxes: tf.Tensor4D, count: number): tf.Tensor2D {
  const [batch, cells, perCell] = boxes.shape;
  const objectness = tf.reshape(tf.slice(boxes, [0, 0, 0, 4], [-1, -1, -1, 1]), [batch, cells, perCell]);
  const { indices } = tf.topk(tf.mean(objectness, 2), count);
  // Ascending order: the top `count` of the negated indices, all of them.
  const { values } = tf.topk(tf.neg(tf.cast(indices, 'float32')), count);
  return tf.cast(tf.neg(values), 'int32') as tf.Tensor2D;
}

/**
 * Rows of each image by index, as a product with a 0/1 matrix: its gradient is a product too.
 *
 * @param rows     `[B, cells, D]`
 * @param indices  int32 `[B, K]`
 * @returns `[B, K, D]`
 */
export function pickRows(rows: tf.Tensor3D, indices: tf.Tensor2D): tf.Tensor3D {
  const places = tf.cast(tf.oneHot(indices, rows.shape[1]), 'float32') as tf.Tensor3D;
  return tf.matMul(places, rows);
}
