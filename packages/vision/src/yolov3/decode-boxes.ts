import * as tf from '@tensorflow/tfjs';
import { cellOrigins } from './cell-origins.js';
import type { Prior } from './detector-options.js';
import type { GuidedAnchorOutput } from './guided-anchor-head.js';

/** Options of `decodeBoxes`. */
export interface DecodeBoxesOptions {
  /** Pixels of the network's input per cell. */
  readonly stride: number;
  /** Priors of the scale in pixels of the network's input; the anchor-free box, a square of 4 strides, follows them. */
  readonly priors: readonly Prior[];
}

/**
 * Boxes out of the raw prediction of one scale.
 *
 * `c = (sigmoid(xy) + cell)·stride`; `size = exp(wh)·prior·exp(guide)`; objectness and classes through the sigmoid.
 *
 * @returns `[B, cells, A, 5 + C]`, cells row-major, each box (cx, cy, w, h) in pixels of the network's input, objectness
 *   and class scores in [0, 1].
 * @see Redmon and Farhadi 2018, YOLOv3, section 2.1
 */
export function decodeBoxes({ guide, raw }: GuidedAnchorOutput, { stride, priors }: DecodeBoxesOptions): tf.Tensor4D {
  const [batch, height, width, channels] = raw.shape;
  const boxes = priors.length + 1;
  const cells = height * width;
  const fields = tf.reshape(raw, [batch, cells, boxes, channels / boxes]);
  const anchors = tf.mul(tf.exp(tf.reshape(guide, [batch, cells, boxes, 2])), priorSizes(stride, priors));
  const [centers, sizes, scores] = tf.split(fields, [2, 2, channels / boxes - 4], 3) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const positions = tf.mul(tf.add(tf.sigmoid(centers), tf.reshape(cellOrigins(height, width), [cells, 1, 2])), stride);
  return tf.concat([positions, tf.mul(tf.exp(sizes), anchors), tf.sigmoid(scores)], 3) as tf.Tensor4D;
}

/** Width and height of each prior and of the anchor-free box: `[A, 2]`, in pixels. */
export function priorSizes(stride: number, priors: readonly Prior[]): tf.Tensor2D {
  return tf.tensor2d([...priors.map(([w, h]) => [w, h]), [4 * stride, 4 * stride]]);
}
