import { linear, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import { maskPadding } from './mask-padding.js';

/** Options of `attentionPooling`. */
export interface AttentionPoolingOptions {
  readonly dropout: number;
  /** Softmaxes over the positions, each for its own slice of the channels; divides D. Default 1. */
  readonly glimpses?: number;
}

/**
 * One vector per sentence: positions weighted by a small network's softmax, then a linear layer. With several glimpses, each weights its own slice of
 * the channels.
 *
 * @param x       `[B, T, D]`
 * @param padded  bool `[B, T]`, true where there is no word.
 * @returns `[B, D]`
 */
export function attentionPooling(
  scope: Scope,
  x: tf.Tensor3D,
  padded: tf.Tensor2D,
  { dropout, glimpses = 1 }: AttentionPoolingOptions,
): tf.Tensor2D {
  const [batch, length, size] = x.shape;
  const network = scope.child('mlp');
  const hidden = tf.relu(linear(network.child('fc').child('linear'), x, { features: size / 2 }));
  const scores = linear(network.child('linear'), network.child('fc').dropout(hidden, dropout), { features: glimpses });
  const byGlimpse = tf.transpose(tf.reshape(scores, [batch, length, glimpses]), [0, 2, 1]);
  const weights = tf.softmax(maskPadding(byGlimpse, tf.reshape(padded, [batch, 1, length]))); // [B, G, T]
  const slices = tf.reshape(x, [batch, length, glimpses, size / glimpses]);
  const shares = tf.reshape(tf.transpose(weights, [0, 2, 1]), [batch, length, glimpses, 1]);
  const pooled = tf.reshape(tf.sum(tf.mul(shares, slices), 1), [batch, size]);
  return linear(scope.child('linear_merge'), pooled, { features: size }) as tf.Tensor2D;
}
