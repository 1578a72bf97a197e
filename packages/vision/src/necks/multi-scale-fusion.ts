import { batchNorm, convBnLeaky, leakyRelu, type Scope, upsampleBilinear2x, upsampleNearest2x } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import type { Yolov3Features } from '../yolov3/yolov3-features.js';
import { joinedConv1x1 } from './joined-conv1x1.js';
import { type FourMaps, joinPhases, meanOfPhases, type Phases } from './phases.js';
import { upsampledConv3x3 } from './upsampled-conv3x3.js';

type Upsampling = 'nearest' | 'bilinear';

/** How the fusion is computed. */
export interface MultiScaleFusionOptions {
  /** Channels of the result, an even number. The paper's: 1024. */
  readonly hidden: number;
  /**
   * `rewritten` (default): the same numbers for about half the work, by exact rewrites of upsampling, pooling and joining. `plain`: as the paper draws it.
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
  return options.form === 'plain' ? plainFusion(scope, features, options) : rewrittenFusion(scope, features, options);
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

const enlargements = { nearest: upsampleNearest2x, bilinear: upsampleBilinear2x } as const;

const pool = (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, 'valid');

function plainFusion(
  scope: Scope,
  { feature13, feature26, feature52 }: Yolov3Features,
  { hidden, upsampling = 'nearest' }: MultiScaleFusionOptions,
): tf.Tensor4D {
  const half = hidden / 2;
  const join = (...maps: tf.Tensor4D[]) => tf.concat(maps, 3);
  const unit = (part: Scope, x: tf.Tensor4D) => {
    const y = convBnLeaky(part.child(1), x, { filters: half, kernelSize: 1 });
    return convBnLeaky(part.child(2), y, { filters: half, kernelSize: 3 });
  };
  const enlarge = enlargements[upsampling];
  const [ups, downs] = [scope.child('up_modules'), scope.child('down_modules')];
  const middle = join(unit(ups.child(1), enlarge(feature13)), feature26);
  const large = join(unit(ups.child(0), enlarge(middle)), feature52);
  const collected = join(unit(downs.child(0), pool(large)), middle);
  const small = join(unit(downs.child(1), pool(collected)), feature13);
  return convBnLeaky(scope.child('top_proj'), small, { filters: hidden, kernelSize: 1 });
}

/**
 * Exact rewrites: the enlargement moves behind the 1×1 convolution; after nearest upsampling the 3×3 convolution is done by phases, whose mean is the pooled
 * map, so that the largest map is never put together; a 1×1 convolution of joined maps is a sum.
 */
function rewrittenFusion(
  scope: Scope,
  { feature13, feature26, feature52 }: Yolov3Features,
  { hidden, upsampling = 'nearest' }: MultiScaleFusionOptions,
): tf.Tensor4D {
  const half = hidden / 2;
  const up = upsampling === 'nearest' ? nearestUnit : bilinearUnit;
  const down = (part: Scope, maps: readonly tf.Tensor4D[]) =>
    convBnLeaky(part.child(2), pointwiseUnit(part.child(1), maps, half), { filters: half, kernelSize: 3 });
  const [ups, downs] = [scope.child('up_modules'), scope.child('down_modules')];
  const middle = up(ups.child(1), [feature13], half);
  const large = up(ups.child(0), [middle.whole(), feature26], half);
  const collected = down(downs.child(0), [large.pooled(), pool(feature52)]);
  const small = down(downs.child(1), [pool(collected), middle.pooled(), pool(feature26)]);
  return pointwiseUnit(scope.child('top_proj'), [small, feature13], hidden);
}

/** A map that is twice as large as what it was made of. */
interface Enlarged {
  whole(): tf.Tensor4D;
  /** After 2×2 average pooling. */
  pooled(): tf.Tensor4D;
}

function nearestUnit(scope: Scope, maps: readonly tf.Tensor4D[], filters: number): Enlarged {
  // Each value would stand four times in the upsampled map.
  const small = pointwiseUnit(scope.child(1), maps, filters, 4);
  const second = scope.child(2);
  const phases = normalizedPhases(second, upsampledConv3x3(second.child('conv'), small, { filters }));
  return { whole: () => joinPhases(phases), pooled: () => meanOfPhases(phases) };
}

/** Interpolation commutes with a 1×1 convolution, but not with what follows. */
function bilinearUnit(scope: Scope, maps: readonly tf.Tensor4D[], filters: number): Enlarged {
  const first = scope.child(1);
  const y = upsampleBilinear2x(joinedConv1x1(first.child('conv'), maps, { filters }));
  const large = leakyRelu(batchNorm(first.child('batch_norm'), y));
  const map = convBnLeaky(scope.child(2), large, { filters, kernelSize: 3 });
  return { whole: () => map, pooled: () => pool(map) };
}

function pointwiseUnit(scope: Scope, maps: readonly tf.Tensor4D[], filters: number, repeats = 1): tf.Tensor4D {
  const y = joinedConv1x1(scope.child('conv'), maps, { filters });
  return leakyRelu(batchNorm(scope.child('batch_norm'), y, { repeats }));
}

/** BatchNorm and LeakyReLU: in training all phases together, by their joint statistics; by given statistics each alone, so that they fold into its filter. */
function normalizedPhases(scope: Scope, phases: FourMaps): Phases {
  const normalize = <T extends tf.Tensor>(y: T) => leakyRelu(batchNorm(scope.child('batch_norm'), y));
  if (scope.training) return normalize(tf.stack([...phases], 0) as tf.Tensor5D);
  const [a, b, c, d] = phases;
  return [normalize(a), normalize(b), normalize(c), normalize(d)];
}
