import { linear, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import { layerNorm } from './layer-norm.js';
import { maskPadding } from './mask-padding.js';

/** Sizes of a self-attention block. */
export interface SelfAttentionOptions {
  readonly heads: number;
  readonly dropout: number;
  /** Channels inside the feed-forward layer. Default four times those of x. */
  readonly feedForward?: number;
}

/**
 * Self-attention and feed-forward layer, each with a residual connection and a norm after it: `x = norm1(x + attention(x))`,
 * `x = norm2(x + ffn(x))`.
 *
 * @param x       `[B, T, D]`
 * @param padded  bool `[B, T]`, true where there is no word.
 * @see Vaswani et al. 2017, Attention is all you need
 */
export function selfAttentionBlock(
  scope: Scope,
  x: tf.Tensor3D,
  padded: tf.Tensor2D,
  options: SelfAttentionOptions,
): tf.Tensor3D {
  const attended = multiHeadAttention(scope.child('mhatt'), x, padded, options);
  const first = layerNorm(
    scope.child('norm1'),
    tf.add(x, scope.child('dropout1').dropout(attended, options.dropout)) as tf.Tensor3D,
  );
  const fed = feedForward(scope.child('ffn').child('mlp'), first, options);
  return layerNorm(
    scope.child('norm2'),
    tf.add(first, scope.child('dropout2').dropout(fed, options.dropout)) as tf.Tensor3D,
  );
}

function multiHeadAttention(
  scope: Scope,
  x: tf.Tensor3D,
  padded: tf.Tensor2D,
  { heads, dropout }: SelfAttentionOptions,
): tf.Tensor3D {
  const [batch, length, size] = x.shape;
  const headSize = size / heads;
  const project = (name: string) => {
    const projected = linear(scope.child(name), x, { features: size });
    return tf.transpose(tf.reshape(projected, [batch, length, heads, headSize]), [0, 2, 1, 3]); // [B, heads, T, headSize]
  };
  const [values, keys, queries] = [project('linear_v'), project('linear_k'), project('linear_q')];
  const scores = tf.mul(tf.matMul(queries, tf.transpose(keys, [0, 1, 3, 2])), 1 / Math.sqrt(headSize)); // [B, heads, T, T]
  const weights = tf.softmax(maskPadding(scores, tf.reshape(padded, [batch, 1, 1, length])));
  const mixed = tf.matMul(scope.child('dropout').dropout(weights, dropout), values);
  const merged = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, length, size]);
  return linear(scope.child('linear_merge'), merged, { features: size }) as tf.Tensor3D;
}

function feedForward(scope: Scope, x: tf.Tensor3D, options: SelfAttentionOptions): tf.Tensor3D {
  const size = x.shape[2];
  const { dropout, feedForward: inner = 4 * size } = options;
  const hidden = tf.relu(linear(scope.child('fc').child('linear'), x, { features: inner }));
  return linear(scope.child('linear'), scope.child('fc').dropout(hidden, dropout), { features: size }) as tf.Tensor3D;
}
