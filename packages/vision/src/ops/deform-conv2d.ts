import { ShapeError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { type DeformConv2dAttributes, deformConv2dOutputSize } from './deform-conv2d-geometry.js';
import { DEFORM_CONV2D, registerDeformConv2d } from './register-deform-conv2d.js';

/** Options of `deformConv2d`. */
export interface DeformConv2dOptions {
  /** `[O]`, added to the result. Default none. */
  readonly bias?: tf.Tensor;
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on every side. Default 0. */
  readonly padding?: number;
  /** Default 1. */
  readonly dilation?: number;
  /** Channels of the input are divided into so many groups, each with offsets of its own. Default 1. */
  readonly offsetGroups?: number;
}

/**
 * Convolution whose taps are moved by offsets, each sample bilinear.
 *
 * `y[i, j, o] = Σ_k Σ_c w[k, c, o] · x(i·stride − padding + k_y·dilation + Δy, j·stride − padding + k_x·dilation + Δx, c)`.
 * Outside the map x is 0; a position counts when −1 < y < H and −1 < x < W.
 *
 * Axes: B images, C channels, O filters, K = kernel points, G offset groups.
 *
 * The gradient reaches input, offsets, filter and bias. At integer positions, where the sample has a kink, the derivative
 * is the one to the right (from floor(y) to floor(y) + 1), as in torchvision.
 *
 * @param x  `[B, H, W, C]`
 * @param offset  `[B, H', W', G·K·2]`: per group and tap (row-major) the pair (Δy, Δx), in pixels of x.
 * @param filter  `[kh, kw, C/groups, O]`; the number of groups follows from its shape.
 * @returns `[B, H', W', O]`, `H' = ⌊(H + 2·padding − dilation·(kh − 1) − 1)/stride⌋ + 1`
 * @throws {ShapeError} when shapes do not fit together.
 * @see Dai et al. 2017, Deformable Convolutional Networks, eq. 2
 */
export function deformConv2d(
  x: tf.Tensor4D,
  offset: tf.Tensor4D,
  filter: tf.Tensor4D,
  { bias, stride = 1, padding = 0, dilation = 1, offsetGroups = 1 }: DeformConv2dOptions = {},
): tf.Tensor4D {
  const attributes = { stride, padding, dilation, offsetGroups };
  assertShapes(x, offset, filter, attributes);
  registerDeformConv2d(tf.getBackend());
  const y = tf.engine().runKernel(DEFORM_CONV2D, { x, offset, filter }, attributes) as tf.Tensor4D;
  return bias ? tf.add(y, bias) : y;
}

function assertShapes(
  x: tf.Tensor4D,
  offset: tf.Tensor4D,
  filter: tf.Tensor4D,
  attributes: DeformConv2dAttributes,
): void {
  const [batch, , , channels] = x.shape;
  const [kernelHeight, kernelWidth, groupChannels, filters] = filter.shape;
  const fail = (argument: string, expected: (number | null)[], actual: readonly number[], hint: string) => {
    throw new ShapeError({ op: 'deformConv2d', argument, expected, actual }, hint);
  };
  const groups = channels / groupChannels;
  if (!Number.isInteger(groups) || filters % groups !== 0) {
    fail(
      'filter',
      [null, null, channels, null],
      filter.shape,
      `Its channels must divide the ${channels} of x, and the groups its filters.`,
    );
  }
  if (channels % attributes.offsetGroups !== 0) {
    fail('x', [null, null, null, attributes.offsetGroups], x.shape, 'The offset groups must divide its channels.');
  }
  const { height, width } = deformConv2dOutputSize(x.shape, filter.shape, attributes);
  const points = kernelHeight * kernelWidth;
  const expected = [batch, height, width, attributes.offsetGroups * points * 2];
  if (offset.shape.join() !== expected.join()) {
    fail('offset', expected, offset.shape, `${attributes.offsetGroups} groups × ${points} kernel points × 2.`);
  }
}
