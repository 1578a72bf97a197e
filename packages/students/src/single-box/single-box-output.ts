import { cellOrigins } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';

/** Width and height of an anchor, pixels of the network's input. */
export type Anchor = readonly [width: number, height: number];

/** RealGIN's anchors at 416 pixels. */
export const REALGIN_ANCHORS: readonly Anchor[] = [
  [137, 256],
  [248, 272],
  [386, 271],
];

/** What a cell and anchor predict, raw and decoded; A anchors, N = A·cells boxes in the order anchor, row, column. */
export interface SingleBoxOutput {
  /** `[B, N, 4]`: x, y before the sigmoid, w, h as logarithms over the anchor. */
  readonly raw: tf.Tensor3D;
  /** `[B, N]`, logits. */
  readonly objectness: tf.Tensor2D;
  /** `[B, N, 4]`: cx, cy, w, h in cells. */
  readonly boxes: tf.Tensor3D;
}

/** Where boxes are predicted. */
export interface SingleBoxOptions {
  readonly anchors: readonly Anchor[];
  /** Pixels of the network's input per cell. */
  readonly stride: number;
}

/**
 * Decodes the map of a YOLOv3 head without categories: `c = σ(xy) + cell`, `size = exp(wh)·anchor`.
 *
 * @param map  `[B, H, W, A·5]`, square; order (anchor, [x, y, w, h, objectness]).
 * @see Redmon and Farhadi 2018, YOLOv3, section 2.1
 */
export function decodeSingleBoxes(map: tf.Tensor4D, { anchors, stride }: SingleBoxOptions): SingleBoxOutput {
  const [batch, height, width] = map.shape;
  const cells = height * width;
  const byAnchor = tf.transpose(tf.reshape(map, [batch, cells, anchors.length, 5]), [0, 2, 1, 3]);
  const [centers, sizes, certainty] = tf.split(byAnchor, [2, 2, 1], 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const boxes = tf.concat(
    [tf.add(tf.sigmoid(centers), cellOrigins(height, width)), tf.mul(tf.exp(sizes), anchorCells({ anchors, stride }))],
    3,
  );
  const flat = (x: tf.Tensor) => tf.reshape(x, [batch, anchors.length * cells, 4]) as tf.Tensor3D;
  return {
    raw: flat(tf.concat([centers, sizes], 3)),
    objectness: tf.reshape(certainty, [batch, anchors.length * cells]),
    boxes: flat(boxes),
  };
}

/** Width and height of the anchors in cells: `[1, A, 1, 2]`. */
export function anchorCells({ anchors, stride }: SingleBoxOptions): tf.Tensor4D {
  const sizes = anchors.flatMap(([width, height]) => [width / stride, height / stride]);
  return tf.tensor4d(sizes, [1, anchors.length, 1, 2]);
}
