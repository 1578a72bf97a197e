import * as tf from '@tensorflow/tfjs';
import { type ConformanceCase, distinct, floats, input, integers, row, shaped, wholes } from './conformance-case.js';

/** Kernels that pick, place and count by index. */
export const indexCases: readonly ConformanceCase[] = [
  {
    kernel: 'GatherV2',
    name: 'GatherV2 rows, repeated',
    inputs: { x: floats([4, 3]), at: wholes(3, 0, 3) },
    run: (i) => tf.gather(input(i, 'x'), input<tf.Tensor1D>(i, 'at')),
    gradient: ['x'],
  },
  {
    kernel: 'GatherV2',
    name: 'GatherV2 columns by a matrix',
    inputs: { x: floats([2, 5]), at: shaped(wholes(4, 0, 1, 2), 2, 2) },
    run: (i) => tf.gather(input(i, 'x'), input(i, 'at'), 1),
    gradient: ['x'],
  },
  {
    kernel: 'GatherV2',
    name: 'GatherV2 batched',
    inputs: { x: floats([2, 4, 3]), at: shaped(wholes(3, 0, 1, 1), 2, 2) },
    run: (i) => tf.gather(input(i, 'x'), input(i, 'at'), 1, 1),
  },
  {
    kernel: 'GatherV2',
    name: 'GatherV2 of int32 by nothing',
    inputs: { x: integers([4]), at: wholes() },
    run: (i) => tf.gather(input(i, 'x'), input<tf.Tensor1D>(i, 'at')),
    expected: [],
  },
  {
    kernel: 'GatherNd',
    name: 'GatherNd pairs',
    inputs: { x: shaped(row(1, 2, 3, 4, 5, 6), 2, 3), at: shaped(wholes(1, 2, 0, 0), 2, 2) },
    run: (i) => tf.gatherND(input(i, 'x'), input(i, 'at')),
    expected: [6, 1],
  },
  {
    kernel: 'ScatterNd',
    name: 'ScatterNd adds repeats',
    inputs: { at: shaped(wholes(1, 3, 1), 3, 1), updates: row(1, 10, 100) },
    run: (i) => tf.scatterND(input(i, 'at'), input(i, 'updates'), [5]),
    expected: [0, 101, 0, 10, 0],
  },
  {
    kernel: 'TensorScatterUpdate',
    name: 'TensorScatterUpdate rows',
    inputs: { x: floats([3, 2]), at: shaped(wholes(2, 0), 2, 1), updates: shaped(row(1, 2, 3, 4), 2, 2) },
    run: (i) => tf.tensorScatterUpdate(input(i, 'x'), input(i, 'at'), input(i, 'updates')),
  },
  {
    kernel: 'UnsortedSegmentSum',
    name: 'UnsortedSegmentSum rows',
    inputs: { x: shaped(row(1, 2, 3, 4, 5, 6), 3, 2), ids: wholes(2, 0, 2) },
    run: (i) => tf.unsortedSegmentSum(input(i, 'x'), input<tf.Tensor1D>(i, 'ids'), 4),
    expected: [3, 4, 0, 0, 6, 8, 0, 0],
    gradient: ['x'],
  },
  ...(['int32', 'float32', 'bool'] as const).map(
    (dtype): ConformanceCase => ({
      kernel: 'OneHot',
      name: `OneHot as ${dtype}, −1 and too large are off`,
      inputs: { at: wholes(0, 2, -1, 9) },
      run: (i) => tf.oneHot(input(i, 'at'), 3, 1, 0, dtype),
      expected: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    }),
  ),
  ...([1, 3, 5] as const).map(
    (k): ConformanceCase => ({
      kernel: 'TopK',
      name: `TopK ${k} of 5`,
      inputs: { x: distinct([2, 5]) },
      run: (i) => {
        const { values, indices } = tf.topk(input(i, 'x'), k);
        return [values, indices];
      },
    }),
  ),
  {
    kernel: 'TopK',
    name: 'TopK takes the first of equals',
    inputs: { x: row(1, 7, 7, 0) },
    run: (i) => tf.topk(input(i, 'x'), 2).indices,
    expected: [1, 2],
  },
  {
    kernel: 'DenseBincount',
    name: 'DenseBincount with weights',
    inputs: { x: wholes(1, 1, 3), weights: row(0.5, 2, 4) },
    run: (i) => tf.denseBincount(input<tf.Tensor1D>(i, 'x'), input<tf.Tensor1D>(i, 'weights'), 4),
    expected: [0, 2.5, 0, 4],
  },
  {
    kernel: 'DenseBincount',
    name: 'DenseBincount of rows, whether at all',
    inputs: { x: shaped(wholes(1, 1, 0, 2), 2, 2) },
    run: (i) => tf.denseBincount(input<tf.Tensor2D>(i, 'x'), tf.tensor2d([], [2, 0]), 3, true),
    expected: [0, 1, 0, 1, 0, 1],
  },
  {
    kernel: 'Bincount',
    name: 'Bincount',
    inputs: { x: wholes(1, 1, 3), weights: row(1, 1, 1) },
    run: (i) => tf.bincount(input<tf.Tensor1D>(i, 'x'), input<tf.Tensor1D>(i, 'weights'), 4),
    expected: [0, 2, 0, 1],
  },
  {
    kernel: 'SparseToDense',
    name: 'SparseToDense',
    inputs: { at: shaped(wholes(0, 1, 1, 0), 2, 2), values: row(5, 6) },
    run: (i) => tf.sparseToDense(input(i, 'at'), input(i, 'values'), [2, 2], tf.scalar(-1)),
    expected: [-1, 5, 6, -1],
  },
];
