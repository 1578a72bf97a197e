import { cellOrigins } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import { overlapOf } from '../boxes/overlap-of.js';

/** How cells are assigned; the defaults are SimREC's. */
export interface AssignPositivesOptions {
  /** Pixels of the network's input per cell. */
  readonly stride: number;
  /** Reach of the middle region around the target's centre, in strides. Default 2.5. */
  readonly radius?: number;
  /** How many of the highest IoUs are summed up to the number of positives. Default 10. */
  readonly candidates?: number;
}

/** Which cells learn the target, and what decided it. */
export interface Assignment {
  /** `[B, cells]`, 1 for positives, else 0. */
  readonly positive: tf.Tensor2D;
  /** bool `[B, cells]`: the centre of the cell lies inside the target or near its centre. */
  readonly candidate: tf.Tensor2D;
  /** bool `[B, cells]`: inside and near. */
  readonly central: tf.Tensor2D;
  /** `[B, cells]`: overlap of the predicted box and the target. */
  readonly iou: tf.Tensor2D;
  /** `[B]`: how many cells may become positive, by the sum of the highest IoUs. */
  readonly count: tf.Tensor1D;
}

/**
 * SimOTA for one target per image: the k cells with the lowest cost learn it, k being the whole part of the sum of the highest IoUs, at least 1.
 *
 * The cost is `−3·ln(IoU + 1e-8) + 100000·(not central)`: its order is that of (central first, higher IoU first), by which cells are compared here, so that
 * no precision is lost to the large number. Of equal ones the lower cell index wins. A target whose numbers sum to 0 has no positives. No gradient flows.
 *
 * Axes: B images, cells of a square map row by row.
 *
 * @param boxes   `[B, cells, 4]`: cx, cy, w, h in pixels of the network's input.
 * @param target  `[B, 4]`, likewise.
 * @see Ge et al. 2021, YOLOX, section 2.1 (SimOTA); Luo et al. 2022, SimREC, official release
 */
export function assignPositives(
  boxes: tf.Tensor3D,
  target: tf.Tensor2D,
  { stride, radius = 2.5, candidates = 10 }: AssignPositivesOptions,
): Assignment {
  const [batch, cells] = boxes.shape;
  const side = Math.sqrt(cells);
  const centers = tf.mul(tf.add(cellOrigins(side, side), 0.5), stride); // [cells, 2]
  const [middle, size] = tf.split(tf.reshape(target, [batch, 1, 4]), 2, 2) as [tf.Tensor, tf.Tensor];
  const distance = tf.abs(tf.sub(centers, middle)); // [B, cells, 2]
  const inside = tf.all(tf.less(distance, tf.div(size, 2)), 2);
  const near = tf.all(tf.less(distance, radius * stride), 2);
  const present = tf.greater(tf.sum(target, 1, true), 0); // [B, 1]
  const candidate = tf.logicalAnd(tf.logicalOr(inside, near), present) as tf.Tensor2D;
  const central = tf.logicalAnd(inside, near) as tf.Tensor2D;

  const { intersection, union } = overlapOf(boxes, target);
  const iou = tf.div(intersection, union) as tf.Tensor2D;
  const counted = tf.mul(iou, tf.cast(candidate, 'float32')) as tf.Tensor2D;
  const { values: highest } = tf.topk(counted, Math.min(candidates, cells));
  const count = tf.maximum(tf.floor(tf.sum(highest, 1)), 1) as tf.Tensor1D;

  // Two levels per cell compared pair by pair; the diagonal is nobody's rival.
  const level = tf.add(tf.cast(candidate, 'float32'), tf.cast(tf.logicalAnd(candidate, central), 'float32'));
  const [ownLevel, ownIou] = [tf.reshape(level, [batch, cells, 1]), tf.reshape(iou, [batch, cells, 1])];
  const [otherLevel, otherIou] = [tf.reshape(level, [batch, 1, cells]), tf.reshape(iou, [batch, 1, cells])];
  const earlier = tf.less(tf.reshape(tf.range(0, cells), [1, 1, cells]), tf.reshape(tf.range(0, cells), [1, cells, 1]));
  const winsByIou = tf.logicalOr(tf.greater(otherIou, ownIou), tf.logicalAnd(tf.equal(otherIou, ownIou), earlier));
  const wins = tf.logicalOr(tf.greater(otherLevel, ownLevel), tf.logicalAnd(tf.equal(otherLevel, ownLevel), winsByIou));
  const rank = tf.sum(tf.cast(wins, 'float32'), 2); // [B, cells]
  const chosen = tf.logicalAnd(candidate, tf.less(rank, tf.reshape(count, [batch, 1])));
  return { positive: tf.cast(chosen, 'float32') as tf.Tensor2D, candidate, central, iou, count };
}
