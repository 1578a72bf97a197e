import type { NamedTensors } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

/** Keeps the division finite when all gradients are zero, as PyTorch has it. */
const EPSILON = 1e-6;

/**
 * Scales gradients so that their joint L2 norm is at most `maxNorm`: by `min(1, maxNorm/(norm + 1e-6))`.
 *
 * @param gradients  by name.
 * @param maxNorm  `undefined` leaves them as they are and only measures.
 * @returns the scaled gradients, and the scalar norm before scaling.
 * @see PyTorch `clip_grad_norm_`; Pascanu et al. 2013, algorithm 1
 */
export function clipByGlobalNorm(
  gradients: NamedTensors,
  maxNorm: number | undefined,
): { readonly gradients: NamedTensors; readonly norm: tf.Tensor } {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(squares.length > 0 ? tf.addN(squares) : tf.scalar(0));
  if (maxNorm === undefined) return { gradients, norm };
  const scale = tf.minimum(tf.div(maxNorm, tf.add(norm, EPSILON)), 1);
  const scaled = Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, scale)]);
  return { gradients: Object.fromEntries(scaled), norm };
}
