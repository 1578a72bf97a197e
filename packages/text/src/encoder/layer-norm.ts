import { onesInitializer, type Scope, zerosInitializer } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

const epsilon = 1e-6;

/**
 * The normalization of the official text encoder: `weight·(x − mean)/(std + 1e-6) + bias` along the last axis, with the **unbiased** standard
 * deviation and the epsilon added to it. PyTorch's `LayerNorm` differs in both.
 *
 * @param x  `[…, D]`
 */
export function layerNorm<T extends tf.Tensor>(scope: Scope, x: T): T {
  const size = x.shape.at(-1) as number;
  const weight = scope.parameter('weight', [size], onesInitializer);
  const bias = scope.parameter('bias', [size], zerosInitializer);
  const centered = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.div(tf.sum(tf.square(centered), -1, true), size - 1);
  return tf.add(tf.mul(weight, tf.div(centered, tf.add(tf.sqrt(variance), epsilon))), bias);
}
