import { batchNorm, conv2d, leakyRelu, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

/** Sizes of the multiplicative fusion. */
export interface MultiplicativeFusionOptions {
  /** Channels of the result. */
  readonly filters: number;
}

/**
 * What the multiplicative fusion makes of a map before the expression is known: `leaky(bn(conv1×1(map)))`, child `v_proj`.
 *
 * @param map  `[B, H, W, C]`
 * @returns `[B, H, W, filters]`
 */
export function projectMap(scope: Scope, map: tf.Tensor4D, options: MultiplicativeFusionOptions): tf.Tensor4D {
  return project(scope.child('v_proj'), map, options);
}

/**
 * Joins a map and an expression by multiplication: `leaky(bn(v·q))`, q the projected expression at every cell. Children `q_proj`, `norm`.
 *
 * In training, the BatchNorm of q sees one value per expression and channel: it needs two expressions or more.
 *
 * @param projected  `[B, H, W, filters]`, of `projectMap`.
 * @param text       `[B, D]`
 * @returns `[B, H, W, filters]`
 * @see Luo et al. 2020, Multi-task Collaborative Network (MCN), section 3.2
 */
export function multiplicativeFusion(scope: Scope, projected: tf.Tensor4D, text: tf.Tensor2D): tf.Tensor4D {
  const [batch, size] = text.shape;
  const cell = tf.reshape(text, [batch, 1, 1, size]) as tf.Tensor4D;
  const query = project(scope.child('q_proj'), cell, { filters: projected.shape[3] });
  return leakyRelu(batchNorm(scope.child('norm').child(0), tf.mul(projected, query)));
}

function project(scope: Scope, x: tf.Tensor4D, { filters }: MultiplicativeFusionOptions): tf.Tensor4D {
  return leakyRelu(batchNorm(scope.child(1), conv2d(scope.child(0), x, { filters, kernelSize: 1 })));
}
