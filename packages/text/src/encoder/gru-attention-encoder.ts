import { normalInitializer, type Scope } from '@refclip/nn';
import { ConfigError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { attentionPooling } from './attention-pooling.js';
import { gru } from './gru.js';
import { selfAttentionBlock } from './self-attention-block.js';

/** Sizes of the text encoder; the defaults are the paper's for RefCOCO. */
export interface GruAttentionEncoderOptions {
  /** Entries of the vocabulary. */
  readonly words: number;
  /** Size of a word vector. Default 300. */
  readonly dimension?: number;
  /** Default 512. */
  readonly hidden?: number;
  /** Self-attention blocks. Default 3. */
  readonly layers?: number;
  /** Default 8; divides `hidden`. */
  readonly heads?: number;
  /** Channels inside the feed-forward layers. Default four times `hidden`. */
  readonly feedForward?: number;
  /** Softmaxes of the pooling, each over its own slice of the channels; divides `hidden`. Default 1. */
  readonly glimpses?: number;
  /** Default 0.1. */
  readonly dropout?: number;
}

/** What the encoder makes of expressions. */
export interface EncodedText {
  /** `[B, hidden]`, one vector per expression. */
  readonly sentenceEmbedding: tf.Tensor2D;
  /** `[B, T, hidden]`, one vector per word. */
  readonly tokenFeatures: tf.Tensor3D;
}

/**
 * Word vectors, a GRU over all positions (padding included), self-attention blocks and attention pooling.
 *
 * The word vectors are the parameter `embedding.weight`, which RefCLIP never trains.
 *
 * @param tokens  int32 `[B, T]`, 0 where there is no word.
 * @throws {ConfigError} when heads or glimpses do not divide the hidden size.
 * @see Jin et al. 2023, RefCLIP, §3; `spec` of the official release
 */
export function gruAttentionEncoder(
  scope: Scope,
  tokens: tf.Tensor2D,
  options: GruAttentionEncoderOptions,
): EncodedText {
  const {
    words,
    dimension = 300,
    hidden = 512,
    layers = 3,
    heads = 8,
    dropout = 0.1,
    feedForward,
    glimpses = 1,
  } = options;
  const problems = Object.entries({ heads, glimpses }).flatMap(([path, count]) =>
    hidden % count === 0 ? [] : [{ path, problem: `expected a divisor of hidden (${hidden}), got ${count}` }],
  );
  if (problems.length) throw new ConfigError('gruAttentionEncoder', problems);
  const vectors = scope.child('embedding').parameter('weight', [words, dimension], normalInitializer());
  const embedded = tf.gather(vectors, tokens) as unknown as tf.Tensor3D; // [B, T, dimension]
  const padded = tf.equal(tokens, 0) as tf.Tensor2D;
  let features = gru(scope.child('lstm'), embedded, { hidden });
  for (let layer = 0; layer < layers; layer++) {
    features = selfAttentionBlock(scope.child('sa_list').child(layer), features, padded, {
      heads,
      dropout,
      feedForward,
    });
  }
  return {
    sentenceEmbedding: attentionPooling(scope.child('att_flat'), features, padded, { dropout, glimpses }),
    tokenFeatures: features,
  };
}
