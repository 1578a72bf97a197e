import {
  batchNorm,
  conv2d,
  convBnLeaky,
  leakyRelu,
  type Scope,
  upsampleBilinear2x,
  upsampleNearest2x,
} from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import type { Yolov3Features } from '../yolov3/yolov3-features.js';
import { upsampledConv3x3 } from './upsampled-conv3x3.js';

type Upsampling = 'nearest' | 'bilinear';

/** How the fusion is computed. */
export interface MultiScaleFusionOptions {
  /** Channels of the result, an even number. The paper's: 1024. */
  readonly hidden: number;
  /**
   * `rewritten` (default): upsampling moved behind the layers it commutes with, and the 3×3 convolution after it done by phases; the same numbers for
   * about half the work. `plain`: as the paper draws it.
   */
  readonly form?: 'rewritten' | 'plain';
  /** How maps are enlarged: RefCLIP repeats pixels (default), SimREC interpolates with aligned corners. */
  readonly upsampling?: Upsampling;
}

/**
 * Fuses the detector's three maps into one of the coarsest scale, from coarse to fine and back.
 *
 * `m = [up1(f13), f26]`, `l = [up0(m), f52]`, `m' = [down0(l), m]`, `s = [down1(m'), f13]`, result `top(s)`. `up` is an enlargement ×2, 1×1 and 3×3
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
  const { form = 'rewritten', upsampling = 'nearest' } = options;
  const up = ups[form][upsampling];
  const join = (...maps: tf.Tensor4D[]) => tf.concat(maps, 3);
  const enlargements = scope.child('up_modules');
  const downs = scope.child('down_modules');
  const middle = join(up(enlargements.child(1), feature13, half), feature26);
  const large = join(up(enlargements.child(0), middle, half), feature52);
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

type Up = (scope: Scope, x: tf.Tensor4D, filters: number) => tf.Tensor4D;

const plainUp =
  (enlarge: (x: tf.Tensor4D) => tf.Tensor4D): Up =>
  (scope, x, filters) => {
    const y = convBnLeaky(scope.child(1), enlarge(x), { filters, kernelSize: 1 });
    return convBnLeaky(scope.child(2), y, { filters, kernelSize: 3 });
  };

const rewrittenNearest: Up = (scope, x, filters) => {
  const first = scope.child(1);
  const y = conv2d(first.child('conv'), x, { filters, kernelSize: 1, bias: false });
  // Each value would stand four times in the upsampled map.
  const small = leakyRelu(batchNorm(first.child('batch_norm'), y, { repeats: 4 }));
  const second = scope.child(2);
  return leakyRelu(batchNorm(second.child('batch_norm'), upsampledConv3x3(second.child('conv'), small, { filters })));
};

/** Interpolation commutes with a 1×1 convolution, but not with what follows. */
const rewrittenBilinear: Up = (scope, x, filters) => {
  const first = scope.child(1);
  const y = conv2d(first.child('conv'), x, { filters, kernelSize: 1, bias: false });
  const large = leakyRelu(batchNorm(first.child('batch_norm'), upsampleBilinear2x(y)));
  return convBnLeaky(scope.child(2), large, { filters, kernelSize: 3 });
};

const ups: Readonly<Record<'rewritten' | 'plain', Readonly<Record<Upsampling, Up>>>> = {
  rewritten: { nearest: rewrittenNearest, bilinear: rewrittenBilinear },
  plain: { nearest: plainUp(upsampleNearest2x), bilinear: plainUp(upsampleBilinear2x) },
};

function down(scope: Scope, x: tf.Tensor4D, filters: number): tf.Tensor4D {
  const y = convBnLeaky(scope.child(1), tf.avgPool(x, 2, 2, 'valid'), { filters, kernelSize: 1 });
  return convBnLeaky(scope.child(2), y, { filters, kernelSize: 3 });
}
