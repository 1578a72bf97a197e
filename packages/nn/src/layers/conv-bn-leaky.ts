import type * as tf from '@tensorflow/tfjs';
import type { Scope } from '../parameters/scope.js';
import { batchNorm } from './batch-norm.js';
import { conv2d } from './conv2d.js';
import { leakyRelu } from './leaky-relu.js';

/** Options of `convBnLeaky`. */
export interface ConvBnLeakyOptions {
  readonly filters: number;
  /** Side of the square kernel. */
  readonly kernelSize: number;
  /** Default 1. */
  readonly stride?: number;
}

/**
 * Convolution without bias, BatchNorm, LeakyReLU(0.1): the unit YOLOv3 is made of. Children `conv` and `batch_norm`.
 *
 * @param x  `[B, H, W, in]`
 * @returns `[B, ⌈H/stride⌉, ⌈W/stride⌉, filters]` for odd kernels
 * @see Redmon and Farhadi 2018, YOLOv3
 */
export function convBnLeaky(scope: Scope, x: tf.Tensor4D, options: ConvBnLeakyOptions): tf.Tensor4D {
  const y = conv2d(scope.child('conv'), x, { ...options, bias: false });
  return leakyRelu(batchNorm(scope.child('batch_norm'), y));
}
