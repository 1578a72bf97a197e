import { convBnSilu, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

/** Sizes of `cspBottlenecks`. */
export interface CspBottlenecksOptions {
  /** Channels of the result, an even number. */
  readonly filters: number;
  readonly bottlenecks: number;
}

/**
 * A C3 block: half the channels pass through residual bottlenecks (1×1, 3×3, no narrowing), half go around them.
 *
 * @returns `[B, H, W, filters]`; children `cv1`, `m.0` … (`cv1`, `cv2`), `cv2`, `cv3`.
 * @see Wang et al. 2020, CSPNet, section 3
 */
export function cspBottlenecks(
  scope: Scope,
  x: tf.Tensor4D,
  { filters, bottlenecks }: CspBottlenecksOptions,
): tf.Tensor4D {
  const half = filters / 2;
  let through = convBnSilu(scope.child('cv1'), x, { filters: half, kernelSize: 1 });
  for (let index = 0; index < bottlenecks; index++) {
    const unit = scope.child('m').child(index);
    const y = convBnSilu(unit.child('cv1'), through, { filters: half, kernelSize: 1 });
    through = tf.add(through, convBnSilu(unit.child('cv2'), y, { filters: half, kernelSize: 3 }));
  }
  const around = convBnSilu(scope.child('cv2'), x, { filters: half, kernelSize: 1 });
  return convBnSilu(scope.child('cv3'), tf.concat([through, around], 3), { filters, kernelSize: 1 });
}
