import { batchNorm, conv2d, convBnLeaky, leakyRelu, type Scope, upsampleNearest2x } from '@refclip/nn';
import type { Yolov3Features } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import { upsampledConv3x3 } from './upsampled-conv3x3.js';

/** How the fusion is computed. */
export interface MultiScaleFusionOptions {
  /** Channels of the result, an even number. The paper's: 1024. */
  readonly hidden: number;
  /**
   * `rewritten` (default): upsampling moved behind the layers it commutes with, and the 3×3 convolution after it done by phases; the same numbers for
   * about half the work. `plain`: as the paper draws it.
   */
  readonly form?: 'rewritten' | 'plain';
}

/**
 * Fuses the detector's three maps into one of the coarsest scale, from coarse to fine and back.
 *
 * `m = [up1(f13), f26]`, `l = [up0(m), f52]`, `m' = [down0(l), m]`, `s = [down1(m'), f13]`, result `top(s)`. `up` is nearest ×2, 1×1 and 3×3
 * convolution; `down` is 2×2 average pooling, 1×1 and 3×3 convolution; each convolution with BatchNorm and LeakyReLU.
 *
 * @returns `[B, H, W, hidden]` at stride 32.
 * @see Jin et al. 2023, RefCLIP; Luo et al. 2020, MCN, for the multi-scale fusion
 */
export function multiScaleFusion(
  scope: Scope,
  features: Yolov3Features,
  options: MultiScaleFusionOptions,
): tf.Tensor4D {
  const { feature13, feature26, feature52 } = features;
  const half = options.hidden / 2;
  const up = options.form === 'plain' ? plainUp : rewrittenUp;
  const join = (...maps: tf.Tensor4D[]) => tf.concat(maps, 3);
  const ups = scope.child('up_modules');
  const downs = scope.child('down_modules');
  const middle = join(up(ups.child(1), feature13, half), feature26);
  const large = join(up(ups.child(0), middle, half), feature52);
  const collected = join(down(downs.child(0), large, half), middle);
  const small = join(down(downs.child(1), collected, half), feature13);
  return convBnLeaky(scope.child('top_proj'), small, { filters: options.hidden, kernelSize: 1 });
}

/**
 * Declares the projections that official checkpoints hold for the two finer scales and that nothing reads, so that a round trip through a checkpoint
 * loses nothing. Their result is not for use.
 */
export function declareUnusedProjections(
  scope: Scope,
  features: Yolov3Features,
  { hidden }: { readonly hidden: number },
): void {
  const half = hidden / 2;
  const channelsOf = (map: tf.Tensor4D) => map.shape[3];
  const dot = (channels: number) => tf.zeros([1, 2, 2, channels]) as tf.Tensor4D;
  const middle = half + channelsOf(features.feature26);
  convBnLeaky(scope.child('mid_proj'), dot(half + middle), { filters: hidden, kernelSize: 1 });
  convBnLeaky(scope.child('bot_proj'), dot(half + channelsOf(features.feature52)), { filters: hidden, kernelSize: 1 });
}

function plainUp(scope: Scope, x: tf.Tensor4D, filters: number): tf.Tensor4D {
  const y = convBnLeaky(scope.child(1), upsampleNearest2x(x), { filters, kernelSize: 1 });
  return convBnLeaky(scope.child(2), y, { filters, kernelSize: 3 });
}

function rewrittenUp(scope: Scope, x: tf.Tensor4D, filters: number): tf.Tensor4D {
  const first = scope.child(1);
  const y = conv2d(first.child('conv'), x, { filters, kernelSize: 1, bias: false });
  // Each value would stand four times in the upsampled map.
  const small = leakyRelu(batchNorm(first.child('batch_norm'), y, { repeats: 4 }));
  const second = scope.child(2);
  return leakyRelu(batchNorm(second.child('batch_norm'), upsampledConv3x3(second.child('conv'), small, { filters })));
}

function down(scope: Scope, x: tf.Tensor4D, filters: number): tf.Tensor4D {
  const y = convBnLeaky(scope.child(1), tf.avgPool(x, 2, 2, 'valid'), { filters, kernelSize: 1 });
  return convBnLeaky(scope.child(2), y, { filters, kernelSize: 3 });
}
