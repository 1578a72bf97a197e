import { linear, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import { maskPadding } from './mask-padding.js';

/**
 * One vector per sentence: positions weighted by a small network's softmax, then a linear layer.
 *
 * @param x       `[B, T, D]`
 * @param padded  bool `[B, T]`, true where there is no word.
 * @returns `[B, D]`
 */
export function attentionPooling(
  scope: Scope,
  x: tf.Tensor3D,
  padded: tf.Tensor2D,
  { dropout }: { readonly dropout: number },
): tf.Tensor2D {
  const [batch, length, size] = x.shape;
  const network = scope.child('mlp');
  const hidden = tf.relu(linear(network.child('fc').child('linear'), x, { features: size / 2 }));
  const scores = linear(network.child('linear'), network.child('fc').dropout(hidden, dropout), { features: 1 });
  const weights = tf.softmax(maskPadding(tf.reshape(scores, [batch, length]), padded)); // [B, T]
  const pooled = tf.sum(tf.mul(tf.reshape(weights, [batch, length, 1]), x), 1);
  return linear(scope.child('linear_merge'), pooled, { features: size }) as tf.Tensor2D;
}
