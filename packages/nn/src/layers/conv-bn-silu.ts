import type * as tf from '@tensorflow/tfjs';
import type { Scope } from '../parameters/scope.js';
import { batchNorm } from './batch-norm.js';
import { conv2d } from './conv2d.js';
import { silu } from './silu.js';

/** Options of `convBnSilu`. */
export interface ConvBnSiluOptions {
  readonly filters: number;
  /** Side of the square kernel. */
  readonly kernelSize: number;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on every side. Default `⌊kernelSize/2⌋`. */
  readonly padding?: number;
}

/**
 * Convolution without bias, BatchNorm, SiLU: the unit YOLOv5 and YOLOX are made of. Children `conv` and `bn`.
 *
 * BatchNorm's epsilon is 1e-5, as SimREC has it; weights of YOLOv5 itself were trained with 1e-3.
 *
 * @param x  `[B, H, W, in]`
 * @returns `[B, ⌈H/stride⌉, ⌈W/stride⌉, filters]` for odd kernels
 */
export function convBnSilu(scope: Scope, x: tf.Tensor4D, options: ConvBnSiluOptions): tf.Tensor4D {
  const { padding = Math.floor(options.kernelSize / 2) } = options;
  const y = conv2d(scope.child('conv'), x, { ...options, padding, bias: false });
  return silu(batchNorm(scope.child('bn'), y));
}
