import { binaryCrossEntropy, withoutGradient } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import { overlapOf } from '../boxes/overlap-of.js';
import { assignPositives } from './assign-positives.js';

/** What the loss compares. */
export interface YoloxLossInputs {
  /** `[B, cells, 4]`: cx, cy, w, h in pixels of the network's input. */
  readonly boxes: tf.Tensor3D;
  /** `[B, cells]`, logits. */
  readonly objectness: tf.Tensor2D;
  /** `[B, 4]`, as the boxes; zeros for no box. */
  readonly target: tf.Tensor2D;
  /** `[B]`: factor on each image's part. Default 1. */
  readonly weights?: tf.Tensor1D;
}

/** Options of `yoloxLoss`. */
export interface YoloxLossOptions {
  /** Pixels of the network's input per cell. */
  readonly stride: number;
  /** Factor on the part of the boxes. Default 5. */
  readonly boxWeight?: number;
}

/** The loss and its parts, scalars; and which cells were positive. */
export interface YoloxLoss {
  readonly loss: tf.Scalar;
  readonly parts: Readonly<Record<'iou' | 'objectness' | 'positives', tf.Scalar>>;
  /** `[B, cells]`, 1 or 0. */
  readonly positive: tf.Tensor2D;
}

/** Added to the union, so that two empty boxes do not divide by zero. */
const epsilon = 1e-16;

/**
 * SimREC's loss: `5·Σ_positives (1 − IoU²)/N + Σ_cells BCE(objectness, positive)/N`, N = positives of the whole batch, at least 1.
 *
 * @see Luo et al. 2022, SimREC; Ge et al. 2021, YOLOX
 */
export function yoloxLoss(
  { boxes, objectness, target, weights }: YoloxLossInputs,
  { stride, boxWeight = 5 }: YoloxLossOptions,
): YoloxLoss {
  const positive = withoutGradient(
    (own: tf.Tensor3D, wanted: tf.Tensor2D) => assignPositives(own, wanted, { stride }).positive,
    boxes,
    target,
  );
  const positives = tf.sum(positive) as tf.Scalar;
  const count = tf.maximum(positives, 1);
  const { intersection, union } = overlapOf(boxes, target);
  const miss = tf.sub(1, tf.square(tf.div(intersection, tf.add(union, epsilon))));
  const perImage = (cells: tf.Tensor) => {
    const sums = tf.sum(cells, 1);
    return tf.div(tf.sum(weights ? tf.mul(sums, weights) : sums), count) as tf.Scalar;
  };
  const iou = perImage(tf.mul(positive, miss));
  const certainty = perImage(binaryCrossEntropy(objectness, positive));
  const loss = tf.add(tf.mul(iou, boxWeight), certainty) as tf.Scalar;
  return { loss, parts: { iou, objectness: certainty, positives }, positive };
}
