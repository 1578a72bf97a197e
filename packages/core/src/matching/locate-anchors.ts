import type { LocatedBoxes } from '@refclip/referring';
import * as tf from '@tensorflow/tfjs';
import { pickRows } from '../selection/select-anchors.js';

/**
 * The box that each expression means: of the kept anchor most similar to it, the box of highest objectness; the first of equal ones.
 *
 * Axes: N expressions, K kept anchors of their images, A boxes per anchor, D embedding size.
 *
 * @param anchors  `[N, K, D]`
 * @param boxes  `[N, K, A, 6]`: cx, cy, w, h in network-input pixels, objectness, category.
 * @param texts  `[N, D]`
 * @returns the boxes; similarities as scores; as confidence the anchor's share of a softmax over the kept anchors' similarities.
 * @see Jin et al. 2023, RefCLIP, inference
 */
export function locateAnchors(anchors: tf.Tensor3D, boxes: tf.Tensor4D, texts: tf.Tensor2D): LocatedBoxes {
  const [expressions, , perAnchor] = boxes.shape;
  const similarities = tf.sum(tf.mul(anchors, tf.expandDims(texts, 1)), 2) as tf.Tensor2D; // [N, K]
  const best = tf.expandDims(tf.argMax(similarities, 1), 1) as tf.Tensor2D;
  const flat = tf.reshape(boxes, [expressions, boxes.shape[1], -1]) as tf.Tensor3D;
  const own = tf.reshape(pickRows(flat, best), [expressions, perAnchor, 6]); // [N, A, 6]
  const objectness = tf.reshape(tf.slice(own, [0, 0, 4], [-1, -1, 1]), [expressions, perAnchor]);
  const surest = tf.expandDims(tf.argMax(objectness, 1), 1) as tf.Tensor2D;
  const box = tf.reshape(pickRows(own as tf.Tensor3D, surest), [expressions, 6]);
  const center = tf.slice(box, [0, 0], [-1, 2]);
  const size = tf.slice(box, [0, 2], [-1, 2]);
  const corner = tf.sub(center, tf.div(size, 2));
  return {
    boxes: tf.concat([corner, tf.add(corner, size)], 1) as tf.Tensor2D,
    scores: tf.max(similarities, 1) as tf.Tensor1D,
    confidences: tf.max(tf.softmax(similarities), 1) as tf.Tensor1D,
  };
}
