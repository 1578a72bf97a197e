import * as tf from '@tensorflow/tfjs';
import {
  type DeformConv2dAttributes,
  deformConv2dBasePositions,
  deformConv2dOutputSize,
} from './deform-conv2d-geometry.js';

// Deformable convolution as matrix products, without gather or scatter, so that it runs, with its gradient, on any
// backend. A bilinear sample of a map is a product with a sampling matrix: S[p, (h, w)] = Y[p, h]·X[p, w], where
// Y[p, h] = max(0, 1 − |y_p − h|) is 1 − f at floor(y_p) and f at floor(y_p) + 1, f = y_p − floor(y_p), and 0 elsewhere.
// Rows of S outside the map are zero by themselves. Per offset group g and for all P·K positions p:
//
//   columns = S · x_g            y  = Σ_groups columns · W
//   dW = columnsᵀ · dy           dColumns = dy · Wᵀ           dx_g = Sᵀ · dColumns
//   dS = dColumns · x_gᵀ         dY[p, h] = Σ_w dS·X          Δy gets Σ_h dY·D, D = [h = floor(y)+1] − [h = floor(y)]
//
// Axes: B images, P output positions, K kernel points, G offset groups, C channels, O filters, N = B·G.

/** Sampling matrices with more elements are made for a few taps at a time: 64 MB. */
const MAX_ELEMENTS = 1 << 24;

/** The operands of a deformable convolution. */
export interface DeformConv2dOperands {
  /** `[B, H, W, C]` */
  readonly x: tf.Tensor4D;
  /** `[B, H', W', G·K·2]` */
  readonly offset: tf.Tensor4D;
  /** `[kh, kw, C/groups, O]` */
  readonly filter: tf.Tensor4D;
}

/** `deformConv2d` without its bias, on any backend. */
export function composeDeformConv2d(operands: DeformConv2dOperands, attributes: DeformConv2dAttributes): tf.Tensor4D {
  return tf.tidy(() => convolveColumns(sampleColumns(operands, attributes).columns, operands, attributes));
}

/**
 * Multiplies samples with the filter, group by group.
 *
 * @param columns  `[B·P, K, C]`
 * @returns `[B, H', W', O]`
 */
export function convolveColumns(
  columns: tf.Tensor,
  operands: DeformConv2dOperands,
  attributes: DeformConv2dAttributes,
): tf.Tensor4D {
  const { batch, height, width, points, channels, groups, filters } = sizesOf(operands, attributes);
  const rows = batch * height * width;
  const results = channelGroups(columns, groups).map((part, group) => {
    const kernel = filterGroup(operands.filter, groups, group);
    return tf.matMul(tf.reshape(part, [rows, (points * channels) / groups]), kernel);
  });
  return tf.reshape(results.length === 1 ? (results[0] as tf.Tensor) : tf.concat(results, 1), [
    batch,
    height,
    width,
    filters,
  ]);
}

/** Gradient of `composeDeformConv2d` by the filter: `[kh, kw, C/groups, O]`. */
export function composeFilterGradient(
  operands: DeformConv2dOperands,
  attributes: DeformConv2dAttributes,
  dy: tf.Tensor4D,
): tf.Tensor4D {
  return tf.tidy(() => {
    const { sizes, columns } = sampleColumns(operands, attributes);
    const { batch, height, width, points, channels, groups, filters } = sizes;
    const rows = batch * height * width;
    const flat = tf.reshape(dy, [rows, filters]);
    const errors = groups === 1 ? [flat] : tf.split(flat, groups, 1);
    const results = channelGroups(columns, groups).map((part, group) => {
      const transposed = tf.transpose(tf.reshape(part, [rows, (points * channels) / groups]));
      return tf.matMul(transposed, errors[group] as tf.Tensor2D);
    });
    return tf.reshape(results.length === 1 ? (results[0] as tf.Tensor) : tf.concat(results, 1), operands.filter.shape);
  });
}

/** Gradient of `composeDeformConv2d` by the input: `[B, H, W, C]`. */
export function composeInputGradient(
  operands: DeformConv2dOperands,
  attributes: DeformConv2dAttributes,
  dy: tf.Tensor4D,
): tf.Tensor4D {
  return tf.tidy(() => {
    const sizes = sizesOf(operands, attributes);
    const positions = samplePositions(operands, attributes, sizes);
    const errors = columnErrors(operands, sizes, dy); // [N, K, P, C/G]
    const { batch, inputHeight, inputWidth, channels, offsetGroups } = sizes;
    const parts = tapChunks(sizes).map(([start, count]) => {
      const { sampling } = samplingMatrix(positions, sizes, start, count); // [N, count·P, H·W]
      const chunk = tf.reshape(tf.slice(errors, [0, start], [-1, count]), [
        sampling.shape[0],
        sampling.shape[1] as number,
        -1,
      ]);
      return tf.matMul(tf.transpose(sampling, [0, 2, 1]), chunk);
    });
    const total = tf.reshape(tf.addN(parts), [batch, offsetGroups, inputHeight * inputWidth, channels / offsetGroups]);
    return tf.reshape(tf.transpose(total, [0, 2, 1, 3]), operands.x.shape);
  });
}

/** Gradient of `composeDeformConv2d` by the offsets: `[B, H', W', G·K·2]`. */
export function composeOffsetGradient(
  operands: DeformConv2dOperands,
  attributes: DeformConv2dAttributes,
  dy: tf.Tensor4D,
): tf.Tensor4D {
  return tf.tidy(() => {
    const sizes = sizesOf(operands, attributes);
    const positions = samplePositions(operands, attributes, sizes);
    const errors = columnErrors(operands, sizes, dy); // [N, K, P, C/G]
    const maps = tf.transpose(groupMaps(operands.x, sizes), [0, 2, 1]); // [N, C/G, H·W]
    const { batch, height, width, inputHeight, inputWidth, points, offsetGroups } = sizes;
    const images = batch * offsetGroups;
    const area = height * width;
    const parts = tapChunks(sizes).map(([start, count]) => {
      const { byRow, byColumn } = samplingMatrix(positions, sizes, start, count);
      const rows = count * area;
      const chunk = tf.reshape(tf.slice(errors, [0, start], [-1, count]), [images, rows, -1]);
      const samplingError = tf.reshape(tf.matMul(chunk, maps), [images, rows, inputHeight, inputWidth]);
      const rowError = tf.sum(tf.mul(samplingError, tf.expandDims(byColumn, 2)), 3); // [N, rows, H]
      const columnError = tf.sum(tf.mul(samplingError, tf.expandDims(byRow, 3)), 2); // [N, rows, W]
      const along = (positionsOfAxis: tf.Tensor, size: number, error: tf.Tensor) => {
        const at = tf.reshape(tf.slice(positionsOfAxis, [0, start], [-1, count]), [images, rows, 1]);
        return tf.reshape(tf.sum(tf.mul(error, slopes(at, size)), 2), [images, count, area, 1]);
      };
      return tf.concat(
        [along(positions.rows, inputHeight, rowError), along(positions.columns, inputWidth, columnError)],
        3,
      );
    });
    const all = tf.reshape(parts.length === 1 ? (parts[0] as tf.Tensor) : tf.concat(parts, 1), [
      batch,
      offsetGroups * points,
      area,
      2,
    ]);
    return tf.reshape(tf.transpose(all, [0, 2, 1, 3]), operands.offset.shape);
  });
}

interface Sizes {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly points: number;
  readonly filters: number;
  readonly groups: number;
  readonly offsetGroups: number;
}

function sizesOf({ x, filter }: DeformConv2dOperands, attributes: DeformConv2dAttributes): Sizes {
  const [batch, inputHeight, inputWidth, channels] = x.shape;
  const [kernelHeight, kernelWidth, groupChannels, filters] = filter.shape;
  return {
    batch,
    inputHeight,
    inputWidth,
    channels,
    ...deformConv2dOutputSize(x.shape, filter.shape, attributes),
    points: kernelHeight * kernelWidth,
    filters,
    groups: channels / groupChannels,
    offsetGroups: attributes.offsetGroups,
  };
}

interface Positions {
  /** `[N, K, P]`, in pixels of the input. */
  readonly rows: tf.Tensor;
  readonly columns: tf.Tensor;
}

function samplePositions(
  { x, offset, filter }: DeformConv2dOperands,
  attributes: DeformConv2dAttributes,
  sizes: Sizes,
): Positions {
  const { batch, height, width, points, offsetGroups } = sizes;
  const area = height * width;
  const base = deformConv2dBasePositions(x.shape, filter.shape, attributes);
  // [B, P, G·K, 2] → [B, G·K, P, 2]
  const pairs = tf.transpose(tf.reshape(offset, [batch, area, offsetGroups * points, 2]), [0, 2, 1, 3]);
  const along = (axis: number, from: Float32Array) => {
    const moved = tf.reshape(tf.slice(pairs, [0, 0, 0, axis], [-1, -1, -1, 1]), [batch * offsetGroups, points, area]);
    return tf.add(moved, tf.transpose(tf.tensor2d(from, [area, points])));
  };
  return { rows: along(0, base.rows), columns: along(1, base.columns) };
}

/** Which taps are sampled together, as pairs of first tap and count. */
function tapChunks({ batch, offsetGroups, height, width, inputHeight, inputWidth, points }: Sizes): [number, number][] {
  const perTap = batch * offsetGroups * height * width * inputHeight * inputWidth;
  const size = Math.max(1, Math.min(points, Math.floor(MAX_ELEMENTS / perTap)));
  const chunks: [number, number][] = [];
  for (let start = 0; start < points; start += size) chunks.push([start, Math.min(size, points - start)]);
  return chunks;
}

/** The sampling matrix `[N, count·P, H·W]` of some taps, and its factors `[N, count·P, H]` and `[N, count·P, W]`. */
function samplingMatrix(positions: Positions, sizes: Sizes, start: number, count: number) {
  const { batch, offsetGroups, height, width, inputHeight, inputWidth } = sizes;
  const images = batch * offsetGroups;
  const rows = count * height * width;
  const along = (axis: tf.Tensor, size: number) => {
    const at = tf.reshape(tf.slice(axis, [0, start], [-1, count]), [images, rows, 1]);
    return tf.relu(tf.sub(1, tf.abs(tf.sub(at, indices(size)))));
  };
  const byRow = along(positions.rows, inputHeight);
  const byColumn = along(positions.columns, inputWidth);
  const product = tf.mul(tf.expandDims(byRow, 3), tf.expandDims(byColumn, 2));
  return { byRow, byColumn, sampling: tf.reshape(product, [images, rows, inputHeight * inputWidth]) };
}

/** Derivative of the weights along one axis by the position: +1 at floor + 1, −1 at floor. */
function slopes(at: tf.Tensor, size: number): tf.Tensor {
  const left = tf.floor(at);
  const hit = (position: tf.Tensor) => tf.cast(tf.equal(position, indices(size)), 'float32');
  return tf.sub(hit(tf.add(left, 1)), hit(left));
}

function indices(size: number): tf.Tensor {
  return tf.tensor1d(Float32Array.from({ length: size }, (_, i) => i));
}

/** `[B, H, W, C]` → `[N, H·W, C/G]` */
function groupMaps(x: tf.Tensor4D, { batch, inputHeight, inputWidth, channels, offsetGroups }: Sizes): tf.Tensor {
  const area = inputHeight * inputWidth;
  const split = tf.reshape(x, [batch, area, offsetGroups, channels / offsetGroups]);
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch * offsetGroups, area, channels / offsetGroups]);
}

/** The samples that the filter sees: `[B·P, K, C]`. */
function sampleColumns(operands: DeformConv2dOperands, attributes: DeformConv2dAttributes) {
  const sizes = sizesOf(operands, attributes);
  const { batch, height, width, points, channels, offsetGroups } = sizes;
  const area = height * width;
  const positions = samplePositions(operands, attributes, sizes);
  const maps = groupMaps(operands.x, sizes);
  const parts = tapChunks(sizes).map(([start, count]) => {
    const { sampling } = samplingMatrix(positions, sizes, start, count);
    return tf.reshape(tf.matMul(sampling, maps), [batch, offsetGroups, count * area, channels / offsetGroups]);
  });
  const joined = parts.length === 1 ? (parts[0] as tf.Tensor) : tf.concat(parts, 2); // [B, G, K·P, C/G]
  const grouped = tf.reshape(tf.transpose(joined, [0, 2, 1, 3]), [batch, points, area, channels]);
  return { sizes, columns: tf.reshape(tf.transpose(grouped, [0, 2, 1, 3]), [batch * area, points, channels]) };
}

/** `[B·P, K, C]` → one `[B·P, K, C/groups]` per group of the filter. */
function channelGroups(columns: tf.Tensor, groups: number): tf.Tensor[] {
  return groups === 1 ? [columns] : tf.split(columns, groups, 2);
}

/** The filter of one group as a matrix `[K·C/groups, O/groups]`. */
function filterGroup(filter: tf.Tensor4D, groups: number, group: number): tf.Tensor2D {
  const [kernelHeight, kernelWidth, channels, filters] = filter.shape;
  const count = filters / groups;
  const part = groups === 1 ? filter : tf.slice(filter, [0, 0, 0, group * count], [-1, -1, -1, count]);
  return tf.reshape(part, [kernelHeight * kernelWidth * channels, count]);
}

/** Gradient by the samples: `[N, K, P, C/G]`. */
function columnErrors({ filter }: DeformConv2dOperands, sizes: Sizes, dy: tf.Tensor4D): tf.Tensor {
  const { batch, height, width, points, channels, filters, groups, offsetGroups } = sizes;
  const area = height * width;
  const flat = tf.reshape(dy, [batch * area, filters]);
  const errors = groups === 1 ? [flat] : tf.split(flat, groups, 1);
  const parts = errors.map((error, group) =>
    tf.reshape(tf.matMul(error as tf.Tensor2D, tf.transpose(filterGroup(filter, groups, group))), [
      batch * area,
      points,
      channels / groups,
    ]),
  );
  const columns = parts.length === 1 ? (parts[0] as tf.Tensor) : tf.concat(parts, 2); // [B·P, K, C]
  const tapsFirst = tf.transpose(tf.reshape(columns, [batch, area, points, channels]), [0, 2, 1, 3]);
  const split = tf.reshape(tapsFirst, [batch, points * area, offsetGroups, channels / offsetGroups]);
  const groupsFirst = tf.transpose(split, [0, 2, 1, 3]);
  return tf.reshape(groupsFirst, [batch * offsetGroups, points, area, channels / offsetGroups]);
}
