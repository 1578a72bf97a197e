import * as tf from '@tensorflow/tfjs';

/**
 * Binary cross-entropy of logits, element by element: `softplus(x) − x·t`, which neither overflows nor cancels, with the derivative `σ(x) − t`.
 *
 * @param logits   any shape.
 * @param targets  in [0, 1], a shape that broadcasts to that of the logits.
 */
export function binaryCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  return tf.sub(tf.softplus(logits), tf.mul(logits, targets));
}
