import {
  batchNorm,
  conv2d,
  fanInOf,
  kaimingUniformInitializer,
  leakyRelu,
  linear,
  type Scope,
  uniformInitializer,
} from '@refclip/nn';
import { ShapeError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';

/** Options of the attention. */
export interface GaranOptions {
  /** Default 2; divides the channels. */
  readonly heads?: number;
  /** Rate of the dropouts of both attention maps. Default 0.1. */
  readonly dropout?: number;
  /**
   * Whether the attention map is laid down with rows and columns exchanged, as the official code does and its weights expect. Maps must be square then.
   * Default true.
   */
  readonly transposed?: boolean;
}

/** What the attention looked at, and its result. */
export interface GaranAttention {
  /** `[B, H, W, C]` */
  readonly attended: tf.Tensor4D;
  /** `[B, heads, H·W]`, a distribution over the cells. */
  readonly collect: tf.Tensor3D;
  /** `[B, heads, H·W]` in [0, 1]. */
  readonly diffuse: tf.Tensor3D;
}

/**
 * Global recurrent-free attention (GARAN): an expression collects one vector per head from the whole map and gives it back to the cells that it means.
 *
 * With q the expression, d channels per head, x the map: `α = softmax_cells(q·K_c x/√d)`, `g = Σ α·V x`, `β = σ(q·K_d x/√d)`,
 * `y = leaky(bn(O(β·g)) + x)`. No map of keys or values is made: `q·(K x) = (Kᵀq)·x` and `Σ α·V x = V Σ α·x`, so a head costs one product with the map
 * each for α, β and the sum, and `O(β·g)` is a sum of one outer product per head. Children `w_qs`, `w_kc`, `w_kd`, `w_vs`, `w_o`, `layer_norm`
 * (a BatchNorm).
 *
 * @param x     `[B, H, W, C]`
 * @param text  `[B, D]`
 * @throws {ShapeError} when the heads do not divide C, or the map is to be transposed and not square.
 * @see Zhou et al. 2021, A Real-Time Global Inference Network for One-Stage Referring Expression Comprehension, section III-C
 */
export function garanAttention(
  scope: Scope,
  x: tf.Tensor4D,
  text: tf.Tensor2D,
  { heads = 2, dropout = 0.1, transposed = true }: GaranOptions = {},
): GaranAttention {
  const [batch, height, width, channels] = x.shape;
  const isGood = channels % heads === 0 && (height === width || !transposed);
  if (!isGood) {
    throw new ShapeError(
      { op: 'garanAttention', argument: 'x', expected: [batch, width, width, null], actual: x.shape },
      `A square map whose channels ${heads} heads divide.`,
    );
  }
  const size = channels / heads;
  const cells = height * width;
  const flat = tf.reshape(x, [batch, cells, channels]) as tf.Tensor3D;
  const query = byHead(linear(scope.child('w_qs'), text, { features: channels }), heads); // [heads, B, size]
  const scores = (name: string) => {
    const { weight, bias } = pointwise(scope.child(name), channels);
    // The bias adds the same to all cells.
    const offset = tf.sum(tf.mul(query, tf.reshape(bias, [heads, 1, size])), 2, true); // [heads, B, 1]
    const keys = tf.reshape(tf.transpose(weight), [heads, size, channels]);
    const direction = tf.transpose(tf.matMul(query, keys), [1, 0, 2]); // [B, heads, C]
    const products = tf.matMul(direction, flat, false, true); // [B, heads, cells]
    return tf.mul(tf.add(products, tf.transpose(offset, [1, 0, 2])), 1 / Math.sqrt(size));
  };
  const collect = tf.softmax(scores('w_kc')) as tf.Tensor3D;
  const diffuse = tf.sigmoid(scores('w_kd')) as tf.Tensor3D;
  const shares = scope.child('collect').dropout(collect, dropout);
  const amounts = scope.child('diffuse').dropout(diffuse, dropout);

  const values = pointwise(scope.child('w_vs'), channels);
  const gathered = tf.transpose(tf.matMul(shares, flat), [1, 0, 2]); // [heads, B, C]
  const valueWeights = tf.transpose(tf.reshape(values.weight, [channels, heads, size]), [1, 0, 2]);
  const total = tf.transpose(tf.sum(shares, 2, true), [1, 0, 2]); // [heads, B, 1]
  const glimpse = tf.add(tf.matMul(gathered, valueWeights), tf.mul(total, tf.reshape(values.bias, [heads, 1, size]))); // [heads, B, size]

  const output = pointwise(scope.child('w_o'), channels);
  const perHead = tf.matMul(glimpse, tf.reshape(output.weight, [heads, size, channels])); // [heads, B, C]
  const grid = tf.reshape(amounts, [batch, heads, height, width]);
  const laid = tf.reshape(tf.transpose(grid, transposed ? [0, 3, 2, 1] : [0, 2, 3, 1]), [batch, cells, heads]);
  const spread = tf.add(tf.matMul(laid, tf.transpose(perHead, [1, 0, 2])), output.bias); // [B, cells, C]
  const normed = batchNorm(scope.child('layer_norm'), tf.reshape(spread, [batch, height, width, channels]));
  return { attended: leakyRelu(tf.add(normed, x)) as tf.Tensor4D, collect, diffuse };
}

/**
 * Declares the 3×3 convolution `w_m` that official checkpoints hold and nothing reads, so that a round trip loses nothing. Its result is not for use.
 */
export function declareUnusedAttentionMap(scope: Scope, channels: number): void {
  conv2d(scope.child('w_m'), tf.zeros([1, 1, 1, channels]), { filters: 1, kernelSize: 3 });
}

/** The matrix `[in, out]` and bias of a 1×1 convolution that keeps the channels. */
function pointwise(scope: Scope, channels: number): { readonly weight: tf.Tensor2D; readonly bias: tf.Tensor1D } {
  const shape = [1, 1, channels, channels];
  const weight = scope.parameter('weight', shape, kaimingUniformInitializer, 'conv');
  const bias = scope.parameter('bias', [channels], uniformInitializer(1 / Math.sqrt(fanInOf(shape))));
  return { weight: tf.reshape(weight, [channels, channels]), bias: bias as tf.Tensor1D };
}

/** `[B, heads·size]` → `[heads, B, size]` */
function byHead(x: tf.Tensor, heads: number): tf.Tensor3D {
  const [batch = 0, channels = 0] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, heads, channels / heads]), [1, 0, 2]) as tf.Tensor3D;
}
