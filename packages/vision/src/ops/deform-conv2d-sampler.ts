import {
  type DeformConv2dAttributes,
  deformConv2dBasePositions,
  deformConv2dOutputSize,
} from './deform-conv2d-geometry.js';

/** Sizes of one sampling, without the filters. */
export interface SamplingSizes {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly channels: number;
  /** P, output positions of one image. */
  readonly positions: number;
  /** K, kernel points. */
  readonly points: number;
  /** G */
  readonly offsetGroups: number;
  /** Where each tap samples without an offset, `[P, K]`, in pixels of the input. */
  readonly rows: Float32Array;
  readonly columns: Float32Array;
}

/**
 * Takes the samples that the filter of a deformable convolution sees, from arrays to an array.
 *
 * @param x  `[B, H, W, C]`
 * @param offset  `[B, P, G·K·2]`
 * @returns `[B, P, K, C]`
 */
export type DeformConv2dSampler = (x: Float32Array, offset: Float32Array, sizes: SamplingSizes) => Float32Array;

/**
 * @param xShape  `[B, H, W, C]`
 * @param filterShape  `[kh, kw, C/groups, O]`
 */
export function samplingSizes(
  xShape: readonly number[],
  filterShape: readonly number[],
  attributes: DeformConv2dAttributes,
): SamplingSizes {
  const [batch, inputHeight, inputWidth, channels] = xShape as [number, number, number, number];
  const { height, width } = deformConv2dOutputSize(xShape, filterShape, attributes);
  const points = (filterShape[0] as number) * (filterShape[1] as number);
  const base = deformConv2dBasePositions(xShape, filterShape, attributes);
  const { offsetGroups } = attributes;
  return { batch, inputHeight, inputWidth, channels, positions: height * width, points, offsetGroups, ...base };
}
