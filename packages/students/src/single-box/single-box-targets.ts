import { cellOrigins } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import { anchorCells, type SingleBoxOptions } from './single-box-output.js';

/** What one box per image asks of the head; N = A·cells boxes in the order anchor, row, column. */
export interface SingleBoxTargets {
  /** `[B, N]`, 1 at the anchor and cell of the object, else 0. */
  readonly assigned: tf.Tensor2D;
  /** `[B, A, 1, 4]`: x, y in the cell, logarithms of w, h over each anchor. */
  readonly values: tf.Tensor4D;
  /** `[B, 1]`: `√(2 − area share)`, so that small boxes count more. */
  readonly scale: tf.Tensor2D;
}

/** Keeps the logarithm of an empty side finite. */
const epsilon = 1e-16;

/**
 * The anchor whose size overlaps the object most (laid on one corner; the first of equals), in the cell of the object's centre.
 *
 * @param target  `[B, 4]`: cx, cy, w, h in cells; zeros for no object, which is assigned nowhere.
 * @param side    cells of the map along an axis.
 */
export function singleBoxTargets(target: tf.Tensor2D, side: number, options: SingleBoxOptions): SingleBoxTargets {
  const [batch] = target.shape;
  const count = options.anchors.length;
  const anchors = tf.reshape(anchorCells(options), [1, count, 2]);
  const [center, size] = tf.split(target, 2, 1) as [tf.Tensor2D, tf.Tensor2D]; // [B, 2] each
  const area = (sides: tf.Tensor) => tf.prod(sides, -1);
  const wanted = tf.reshape(size, [batch, 1, 2]);
  const shared = area(tf.minimum(wanted, anchors)); // [B, A]
  const iou = tf.div(shared, tf.sub(tf.add(area(wanted), area(anchors)), shared));
  const anchor = tf.oneHot(tf.cast(tf.argMax(iou, 1), 'int32'), count); // [B, A]

  const corner = tf.floor(center);
  const isCell = tf.all(tf.equal(cellOrigins(side, side), tf.reshape(corner, [batch, 1, 2])), 2); // [B, cells]
  const present = tf.greater(tf.sum(target, 1), 0); // [B]
  const place = tf.mul(tf.cast(isCell, 'float32'), tf.reshape(tf.cast(present, 'float32'), [batch, 1]));
  const cells = side * side;
  const assigned = tf.mul(
    tf.reshape(tf.cast(anchor, 'float32'), [batch, count, 1]),
    tf.reshape(place, [batch, 1, cells]),
  );

  const within = tf.tile(tf.reshape(tf.sub(center, corner), [batch, 1, 2]), [1, count, 1]);
  const logarithms = tf.log(tf.add(tf.div(wanted, anchors), epsilon)); // [B, A, 2]
  const values = tf.reshape(tf.concat([within, logarithms], 2), [batch, count, 1, 4]) as tf.Tensor4D;
  const scale = tf.sqrt(tf.sub(2, tf.div(area(size), cells)));
  return { assigned: tf.reshape(assigned, [batch, count * cells]), values, scale: tf.reshape(scale, [batch, 1]) };
}
