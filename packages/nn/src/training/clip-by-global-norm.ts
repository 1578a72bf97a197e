import type { NamedTensors } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

/** Keeps the division finite when all gradients are zero, as PyTorch has it. */
const EPSILON = 1e-6;

/**
 * The factor by which gradients are scaled so that their joint L2 norm is at most `maxNorm`: `min(1, maxNorm/(norm + 1e-6))`.
 *
 * The factor alone, because the optimizer can take it with its own factors and save a pass over all gradients.
 *
 * @param gradients  by name.
 * @param maxNorm  `undefined` leaves them as they are and only measures.
 * @returns scalars: the factor, and the norm before scaling.
 * @see PyTorch `clip_grad_norm_`; Pascanu et al. 2013, algorithm 1
 */
export function clipByGlobalNorm(
  gradients: NamedTensors,
  maxNorm: number | undefined,
): { readonly scale: tf.Tensor; readonly norm: tf.Tensor } {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(squares.length > 0 ? tf.addN(squares) : tf.scalar(0));
  const scale = maxNorm === undefined ? tf.scalar(1) : tf.minimum(tf.div(maxNorm, tf.add(norm, EPSILON)), 1);
  return { scale, norm };
}
