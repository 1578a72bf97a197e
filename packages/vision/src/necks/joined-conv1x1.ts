import { kaimingUniformInitializer, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

/**
 * A 1×1 convolution (no bias) of maps joined along their channels. In training it is done as a sum of convolutions, one per map: nothing is joined, and a
 * map that is an input of the program costs no gradient.
 *
 * @param maps  `[B, H, W, …]`, in the order in which they would be joined.
 * @returns `[B, H, W, filters]`
 */
export function joinedConv1x1(
  scope: Scope,
  maps: readonly tf.Tensor4D[],
  { filters }: { readonly filters: number },
): tf.Tensor4D {
  const channels = maps.map((map) => map.shape[3]);
  const total = channels.reduce((sum, count) => sum + count, 0);
  const weight = scope.parameter('weight', [1, 1, total, filters], kaimingUniformInitializer, 'conv') as tf.Tensor4D;
  if (!scope.training || maps.length === 1) return tf.conv2d(tf.concat([...maps], 3), weight, 1, 0);
  const parts = tf.split<tf.Tensor4D>(weight, channels, 2);
  return maps
    .map((map, i) => tf.conv2d(map, parts[i] as tf.Tensor4D, 1, 0))
    .reduce((sum, part) => tf.add(sum, part) as tf.Tensor4D);
}
