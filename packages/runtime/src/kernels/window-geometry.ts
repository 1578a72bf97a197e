import * as tf from '@tensorflow/tfjs';
import type { TensorSpec } from '../types.js';
import type { Attributes, LowerContext, OnnxAttribute } from './kernel-definition.js';

export type Shape4 = [number, number, number, number];
export type Size = number | [number, number];
export type Pad = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
export type Rounding = 'floor' | 'round' | 'ceil' | undefined;

export const toNchw = (context: LowerContext, value: string) => context.transpose(value, [0, 3, 1, 2]);
export const toNhwc = (context: LowerContext, value: string) => context.transpose(value, [0, 2, 3, 1]);

/** Sizes of a convolution; maps `[N, H, W, C]`, filters `[h, w, in, out]`. */
export function convInfo(x: readonly number[], filter: readonly number[], attributes: Attributes) {
  return tf.backend_util.computeConv2DInfo(
    [...x] as Shape4,
    [...filter] as Shape4,
    attributes.strides as Size,
    (attributes.dilations as Size | undefined) ?? 1,
    attributes.pad as Pad,
    attributes.dimRoundingMode as Rounding,
  );
}

/** Sizes of a pooling. */
export function poolInfo(x: readonly number[], attributes: Attributes) {
  return tf.backend_util.computePool2DInfo(
    [...x] as Shape4,
    attributes.filterSize as Size,
    attributes.strides as Size,
    1,
    attributes.pad as 'valid' | 'same' | number,
    attributes.dimRoundingMode as Rounding,
  );
}

/** Sizes of a convolution or a pooling. */
export type WindowInfo = ReturnType<typeof convInfo> | ReturnType<typeof poolInfo>;

/** The window as ONNX attributes. */
export function windowAttributes(info: WindowInfo): Record<string, OnnxAttribute> {
  const { top, left, bottom, right } = info.padInfo;
  return {
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
    kernel_shape: [info.filterHeight, info.filterWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
  };
}

/** The result of a pooling. */
export const pooledSpec = (x: TensorSpec, attributes: Attributes): TensorSpec[] => [
  { shape: poolInfo(x.shape, attributes).outShape, dtype: x.dtype },
];
