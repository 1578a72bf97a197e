import { convBnSilu, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

/**
 * Fast spatial pyramid pooling (SPPF): a map at half the channels beside its maxima over 5×5, 9×9 and 13×13 cells, each pooled from the one before.
 *
 * @returns `[B, H, W, filters]`; children `cv1`, `cv2`.
 * @see He et al. 2014, Spatial pyramid pooling; YOLOv5 release 6
 */
export function spatialPyramidFast(
  scope: Scope,
  x: tf.Tensor4D,
  { filters }: { readonly filters: number },
): tf.Tensor4D {
  const narrow = convBnSilu(scope.child('cv1'), x, { filters: x.shape[3] / 2, kernelSize: 1 });
  return convBnSilu(scope.child('cv2'), poolPyramid(narrow), { filters, kernelSize: 1 });
}

/** `[B, H, W, C]` → `[B, H, W, 4C]`: the map and its maxima over 5×5, 9×9 and 13×13 cells, a maximum of maxima each. */
export function poolPyramid(x: tf.Tensor4D): tf.Tensor4D {
  const pool = (map: tf.Tensor4D) => tf.maxPool(map, 5, 1, 'same');
  const over5 = pool(x);
  const over9 = pool(over5);
  return tf.concat([x, over5, over9, pool(over9)], 3);
}
