import * as tf from '@tensorflow/tfjs';
import {
  fanInOf,
  type Initializer,
  kaimingUniformInitializer,
  uniformInitializer,
} from '../parameters/initializers.js';
import type { Scope } from '../parameters/scope.js';

/** Options of `linear`. */
export interface LinearOptions {
  /** Size of the last axis of the result. */
  readonly features: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Default PyTorch's: uniform in ±1/√in. */
  readonly initializer?: Initializer;
}

/**
 * `y = x·W + b` along the last axis; parameters `weight` (`[in, out]`) and `bias`.
 *
 * @param x  `[…, in]`
 * @returns `[…, features]`
 */
export function linear(
  scope: Scope,
  x: tf.Tensor,
  { features, bias = true, initializer = kaimingUniformInitializer }: LinearOptions,
): tf.Tensor {
  const inputs = x.shape[x.shape.length - 1] as number;
  const shape = [inputs, features];
  const weight = scope.parameter('weight', shape, initializer, 'linear') as tf.Tensor2D;
  const flat = tf.reshape(x, [-1, inputs]) as tf.Tensor2D;
  const product = tf.matMul(flat, weight);
  const bound = 1 / Math.sqrt(fanInOf(shape));
  const y = bias ? tf.add(product, scope.parameter('bias', [features], uniformInitializer(bound))) : product;
  return tf.reshape(y, [...x.shape.slice(0, -1), features]);
}
