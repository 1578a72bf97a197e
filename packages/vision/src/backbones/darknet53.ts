import { convBnLeaky, type Scope } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';
import { scaleChannels } from './scale-channels.js';

/** Sizes of Darknet-53; 1 and 1 are the published ones. */
export interface Darknet53Options {
  /** Factor on the number of channels. */
  readonly width: number;
  /** Factor on the number of residual blocks of a stage. */
  readonly depth: number;
}

/** Maps of the last three stages by stride, `[B, S/stride, S/stride, C]`: 256, 512 and 1024 channels at width 1. */
export interface Darknet53Maps {
  readonly map8: tf.Tensor4D;
  readonly map16: tf.Tensor4D;
  readonly map32: tf.Tensor4D;
}

/** Residual blocks of the stages, and the index of the first layer of each. */
const STAGES = [
  { index: 1, channels: 64, blocks: 1 },
  { index: 3, channels: 128, blocks: 2 },
  { index: 5, channels: 256, blocks: 8 },
  { index: 7, channels: 512, blocks: 8 },
  { index: 9, channels: 1024, blocks: 4 },
] as const;

/**
 * The trunk of YOLOv3, layers 0 to 10.
 *
 * @param layers  scope of the list of layers, `module_list` in the official files.
 * @param images  `[B, S, S, 3]`, S a multiple of 32, normalized as the weights want it.
 * @see Redmon and Farhadi 2018, YOLOv3
 */
export function darknet53(layers: Scope, images: tf.Tensor4D, { width, depth }: Darknet53Options): Darknet53Maps {
  let x = convBnLeaky(layers.child(0), images, { filters: scaleChannels(32, width), kernelSize: 3 });
  const maps = STAGES.map(({ index, channels, blocks }) => {
    const filters = scaleChannels(channels, width);
    x = convBnLeaky(layers.child(index), x, { filters, kernelSize: 3, stride: 2 });
    x = darknetResidual(layers.child(index + 1), x, {
      half: scaleChannels(channels / 2, width),
      blocks: Math.max(1, Math.round(blocks * depth)),
      shortcut: true,
    });
    return x;
  });
  const [, , map8, map16, map32] = maps as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return { map8, map16, map32 };
}

/** Sizes of `darknetResidual`. */
export interface DarknetResidualOptions {
  /** Channels between the two convolutions of a block. */
  readonly half: number;
  readonly blocks: number;
  /** Whether a block is added to its input or stands in its place. */
  readonly shortcut: boolean;
}

/** Blocks of a 1×1 convolution to `half` channels and a 3×3 one back, in children `module_list.0`, `module_list.1`, …. */
export function darknetResidual(
  scope: Scope,
  input: tf.Tensor4D,
  { half, blocks, shortcut }: DarknetResidualOptions,
): tf.Tensor4D {
  let x = input;
  for (let block = 0; block < blocks; block++) {
    const layers = scope.child('module_list').child(block);
    const narrow = convBnLeaky(layers.child(0), x, { filters: half, kernelSize: 1 });
    const y = convBnLeaky(layers.child(1), narrow, { filters: x.shape[3], kernelSize: 3 });
    x = shortcut ? tf.add(x, y) : y;
  }
  return x;
}
