import { batchNorm, conv2d, leakyRelu, linear, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

/** Sizes of the adaptive feature selection. */
export interface FeatureBranchesOptions {
  /** Channels of the first convolution of a branch. */
  readonly inner: number;
  /** Channels of the result. */
  readonly filters: number;
}

/** Three branches, fine to coarse, each `[B, H, W, filters]` of the coarsest map's size. */
export type FeatureBranches = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

/**
 * Brings maps of strides 8, 16 and 32 to one size and depth, before the expression is known: average pooling, 3×3 and 1×1 convolution, each with BatchNorm
 * and LeakyReLU. Children `afs_modules.0` to `.2` with `conv1`, `norm1`, `conv2`, `norm2`.
 *
 * @param maps  `[B, 4H, 4W, C₀]`, `[B, 2H, 2W, C₁]`, `[B, H, W, C₂]`
 */
export function featureBranches(
  scope: Scope,
  maps: readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D],
  { inner, filters }: FeatureBranchesOptions,
): FeatureBranches {
  const branch = (index: number): tf.Tensor4D => {
    const layers = scope.child('afs_modules').child(index);
    const map = maps[index] as tf.Tensor4D;
    const window = 2 ** (2 - index);
    const pooled = window > 1 ? tf.avgPool(map, window, window, 'valid') : map;
    const unit = (x: tf.Tensor4D, part: number, channels: number, kernelSize: number) =>
      leakyRelu(
        batchNorm(
          layers.child(`norm${part}`),
          conv2d(layers.child(`conv${part}`), x, { filters: channels, kernelSize }),
        ),
      );
    return unit(unit(pooled, 1, inner, 3), 2, filters, 1);
  };
  return [branch(0), branch(1), branch(2)];
}

/** A mixture of branches. */
export interface SelectedFeatures {
  /** `[B, H, W, filters]` */
  readonly selected: tf.Tensor4D;
  /** `[B, 3]`, the share of each branch, fine to coarse. */
  readonly shares: tf.Tensor2D;
}

/**
 * Mixes the branches as the expression asks: `Σ wᵢ·branchᵢ`, `w = softmax(linear(text))`. Child `afs_weights`.
 *
 * @param text  `[B, D]`
 * @see Zhou et al. 2021, A Real-Time Global Inference Network, section III-B (adaptive feature selection)
 */
export function selectFeatures(scope: Scope, branches: FeatureBranches, text: tf.Tensor2D): SelectedFeatures {
  const shares = tf.softmax(linear(scope.child('afs_weights'), text, { features: 3 })) as tf.Tensor2D;
  const columns = tf.split(shares, 3, 1);
  const mixed = branches.map((branch, index) =>
    tf.mul(branch, tf.reshape(columns[index] as tf.Tensor, [branch.shape[0], 1, 1, 1])),
  );
  return { selected: tf.addN(mixed) as tf.Tensor4D, shares };
}
