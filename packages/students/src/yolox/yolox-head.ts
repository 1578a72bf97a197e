import { conv2d, convBnSilu, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

/** What the head predicts, before decoding; cells row by row. */
export interface YoloxOutput {
  /** `[B, cells, 4]`: offset of the centre in cells, logarithm of the size in strides. */
  readonly raw: tf.Tensor3D;
  /** `[B, cells]`, logits. */
  readonly objectness: tf.Tensor2D;
}

/**
 * The head of YOLOX at one scale, without categories: one box per cell and how sure it is. Children `stems.0`, `reg_convs.0`, `reg_preds.0`, `obj_preds.0`.
 *
 * @param x  `[B, H, W, C]`
 * @param options.filters  channels inside.
 * @see Ge et al. 2021, YOLOX: Exceeding YOLO Series in 2021, section 2.1
 */
export function yoloxHead(scope: Scope, x: tf.Tensor4D, { filters }: { readonly filters: number }): YoloxOutput {
  const [batch, height, width] = x.shape;
  const cells = height * width;
  let y = convBnSilu(scope.child('stems').child(0), x, { filters, kernelSize: 1 });
  for (const layer of [0, 1]) {
    y = convBnSilu(scope.child('reg_convs').child(0).child(layer), y, { filters, kernelSize: 3 });
  }
  const predict = (name: string, channels: number) =>
    conv2d(scope.child(name).child(0), y, { filters: channels, kernelSize: 1 });
  return {
    raw: tf.reshape(predict('reg_preds', 4), [batch, cells, 4]),
    objectness: tf.reshape(predict('obj_preds', 1), [batch, cells]),
  };
}
