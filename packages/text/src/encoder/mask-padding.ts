import * as tf from '@tensorflow/tfjs';

/** What the score of a padded position becomes before a softmax: its share is exactly 0 unless all positions are padded. */
const paddedScore = -1e9;

/**
 * Scores with padded positions pushed out of the softmax.
 *
 * @param scores  any shape that `padded` broadcasts to.
 * @param padded  bool, true where there is no word.
 */
export function maskPadding(scores: tf.Tensor, padded: tf.Tensor): tf.Tensor {
  return tf.where(padded, tf.scalar(paddedScore), scores);
}
