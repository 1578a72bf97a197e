import { convBnSilu, type Scope } from '@refclip/nn';
import type * as tf from '@tensorflow/tfjs';
import { assertSquareImages } from './assert-square-images.js';
import { cspBottlenecks } from './csp-bottlenecks.js';
import { scaleChannels } from './scale-channels.js';
import { spatialPyramidFast } from './spatial-pyramid.js';

/** Sizes of a CSPDarkNet; the defaults are those of YOLOv5-L, which SimREC uses. */
export interface CspDarknetOptions {
  /** Factor on the number of channels. Default 1. */
  readonly width?: number;
  /** Factor on the number of bottlenecks of a stage. Default 1. */
  readonly depth?: number;
}

/** What layers 0 to 7 make of images; 256, 512 and 1024 channels at width 1. */
export interface CspDarknetStem {
  /** `[B, S/8, S/8, 256]` */
  readonly map8: tf.Tensor4D;
  /** `[B, S/16, S/16, 512]` */
  readonly map16: tf.Tensor4D;
  /** `[B, S/32, S/32, 1024]`, the input of layer 8. */
  readonly stem32: tf.Tensor4D;
}

/** A strided convolution at each index and, where there are bottlenecks, a C3 block at the next. */
const STAGES = [
  { index: 1, channels: 128, bottlenecks: 3 },
  { index: 3, channels: 256, bottlenecks: 6 },
  { index: 5, channels: 512, bottlenecks: 9 },
] as const;

/**
 * Layers 0 to 7 of CSPDarkNet, which SimREC freezes.
 *
 * @param scope  above `model.0.conv.weight` and so on.
 * @param images  `[B, S, S, 3]`, RGB in [0, 1], S a multiple of 32.
 * @throws {ShapeError} when S is not a multiple of 32.
 * @see Wang et al. 2020, CSPNet; YOLOv5 release 6; Luo et al. 2022 (SimREC)
 */
export function cspDarknetStem(
  scope: Scope,
  images: tf.Tensor4D,
  { width = 1, depth = 1 }: CspDarknetOptions = {},
): CspDarknetStem {
  assertSquareImages('cspDarknetStem', images);
  const layers = scope.child('model');
  let x = convBnSilu(layers.child(0), images, {
    filters: scaleChannels(64, width),
    kernelSize: 6,
    stride: 2,
    padding: 2,
  });
  const maps = STAGES.map(({ index, channels, bottlenecks }) => {
    const filters = scaleChannels(channels, width);
    x = convBnSilu(layers.child(index), x, { filters, kernelSize: 3, stride: 2 });
    x = cspBottlenecks(layers.child(index + 1), x, { filters, bottlenecks: repeats(bottlenecks, depth) });
    return x;
  });
  const stem32 = convBnSilu(layers.child(7), x, { filters: scaleChannels(1024, width), kernelSize: 3, stride: 2 });
  return { map8: maps[1] as tf.Tensor4D, map16: maps[2] as tf.Tensor4D, stem32 };
}

/**
 * Layers 8 and 9 of CSPDarkNet: bottlenecks, and maxima over 5×5, 9×9 and 13×13 cells.
 *
 * @param stem32  of `cspDarknetStem`.
 * @returns `[B, S/32, S/32, 1024]` at width 1.
 */
export function cspDarknetTop(
  scope: Scope,
  stem32: tf.Tensor4D,
  { width = 1, depth = 1 }: CspDarknetOptions = {},
): tf.Tensor4D {
  const layers = scope.child('model');
  const filters = scaleChannels(1024, width);
  return spatialPyramidFast(
    layers.child(9),
    cspBottlenecks(layers.child(8), stem32, { filters, bottlenecks: repeats(3, depth) }),
    { filters },
  );
}

const repeats = (count: number, depth: number) => Math.max(1, Math.round(count * depth));
