import { RefclipError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import {
  fanInOf,
  type Initializer,
  kaimingUniformInitializer,
  uniformInitializer,
} from '../parameters/initializers.js';
import type { Scope } from '../parameters/scope.js';

/** Options of `conv2d`. */
export interface Conv2dOptions {
  readonly filters: number;
  /** Side of the square kernel. */
  readonly kernelSize: number;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on every side. Default `(kernelSize − 1)/2`, which keeps the size at stride 1. */
  readonly padding?: number;
  /** Channels are split into so many groups, convolved apart, as PyTorch's `groups`. Default 1. */
  readonly groups?: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** Default PyTorch's: uniform in ±1/√fanIn. */
  readonly initializer?: Initializer;
}

/**
 * Convolution; parameters `weight` (`HWIO`, I = channels of one group) and `bias`.
 *
 * @param x  `[B, H, W, in]`
 * @returns `[B, H', W', filters]`, `H' = ⌊(H + 2·padding − kernelSize)/stride⌋ + 1`
 * @throws {RefclipError} when the groups do not divide the channels.
 */
export function conv2d(scope: Scope, x: tf.Tensor4D, options: Conv2dOptions): tf.Tensor4D {
  const { filters, kernelSize, stride = 1, padding = (kernelSize - 1) / 2, groups = 1, bias = true } = options;
  const channels = x.shape[3];
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw new RefclipError(
      'shape',
      `conv2d ${scope.path}: ${groups} groups do not divide ${channels} input channels and ${filters} filters.`,
    );
  }
  const shape: [number, number, number, number] = [kernelSize, kernelSize, channels / groups, filters];
  const initializer = options.initializer ?? kaimingUniformInitializer;
  const weight = scope.parameter('weight', shape, initializer, 'conv') as tf.Tensor4D;
  const convolve = (maps: tf.Tensor4D, kernel: tf.Tensor4D) => tf.conv2d(maps, kernel, stride, padding);
  let y: tf.Tensor4D;
  if (groups === 1) {
    y = convolve(x, weight);
  } else {
    const maps = tf.split<tf.Tensor4D>(x, groups, 3);
    const kernels = tf.split<tf.Tensor4D>(weight, groups, 3);
    y = tf.concat<tf.Tensor4D>(
      maps.map((map, group) => convolve(map, kernels[group] as tf.Tensor4D)),
      3,
    );
  }
  if (!bias) return y;
  const bound = 1 / Math.sqrt(fanInOf(shape));
  return tf.add(y, scope.parameter('bias', [filters], uniformInitializer(bound)));
}
