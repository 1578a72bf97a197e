import * as tf from '@tensorflow/tfjs';
import { bits, type ConformanceCase, flags, floats, input, integers, row, shaped, wholes } from './conformance-case.js';

type Run = (x: tf.Tensor) => tf.Tensor | tf.Tensor[];
const x = (run: Run) => (inputs: Readonly<Record<string, tf.Tensor>>) => run(input(inputs, 'x'));

/** The same move of elements for float32 (with gradient), int32 and bool. */
function moves(kernel: string, name: string, shape: readonly number[], run: Run, bool = true): ConformanceCase[] {
  const label = `${kernel} ${name}`;
  return [
    { kernel, name: label, inputs: { x: floats(shape) }, run: x(run), gradient: ['x'] },
    { kernel, name: `${label} of int32`, inputs: { x: integers(shape) }, run: x(run) },
    ...(bool ? [{ kernel, name: `${label} of bool`, inputs: { x: flags(shape) }, run: x(run) }] : []),
  ];
}

const joins = (
  kernel: string,
  name: string,
  run: ConformanceCase['run'],
  ...shapes: (readonly number[])[]
): ConformanceCase[] => [
  {
    kernel,
    name: `${kernel} ${name}`,
    inputs: { a: floats(shapes[0] ?? [], -1, 1, 'a'), b: floats(shapes[1] ?? [], -1, 1, 'b') },
    run,
    gradient: ['a', 'b'],
  },
  {
    kernel,
    name: `${kernel} ${name} of int32`,
    inputs: { a: integers(shapes[0] ?? [], 0, 9, 'a'), b: integers(shapes[1] ?? [], 0, 9, 'b') },
    run,
  },
];

const shrinkBug = 'tfjs 4.22 takes too few elements when an axis is added and another dropped';

/** Kernels that move elements. Expected values by hand where they are short; otherwise tfjs cpu's. */
export const shapeCases: readonly ConformanceCase[] = [
  ...moves('Reshape', '[2,6] to [3,4]', [2, 6], (t) => tf.reshape(t, [3, 4])),
  ...moves('ExpandDims', '[2,3] at 1', [2, 3], (t) => tf.expandDims(t, 1)),
  {
    kernel: 'Reshape',
    name: 'Reshape [0,3] to [3,0]',
    inputs: { x: floats([0, 3]) },
    run: x((t) => tf.reshape(t, [3, 0])),
  },
  {
    kernel: 'Reshape',
    name: 'Reshape [1] to []',
    inputs: { x: row(7) },
    run: x((t) => tf.reshape(t, [])),
    expected: [7],
  },
  ...moves('Transpose', '[2,3] by 1,0', [2, 3], (t) => tf.transpose(t)),
  ...moves('Transpose', '[2,3,4,2] by 0,3,1,2', [2, 3, 4, 2], (t) => tf.transpose(t, [0, 3, 1, 2])),
  {
    kernel: 'Transpose',
    name: 'Transpose [2,3] by hand',
    inputs: { x: shaped(row(1, 2, 3, 4, 5, 6), 2, 3) },
    run: x((t) => tf.transpose(t)),
    expected: [1, 4, 2, 5, 3, 6],
  },
  ...joins('Concat', 'along 1', (i) => tf.concat([input(i, 'a'), input(i, 'b')], 1), [2, 3], [2, 1]),
  ...joins(
    'Concat',
    'along −1 of rank 4',
    (i) => tf.concat([input(i, 'a'), input(i, 'b')], -1),
    [1, 2, 2, 3],
    [1, 2, 2, 2],
  ),
  ...joins('Concat', 'along 0', (i) => tf.concat([input(i, 'a'), input(i, 'b')], 0), [3], [1]),
  ...joins('Pack', 'along 1', (i) => tf.stack([input(i, 'a'), input(i, 'b')], 1), [2, 3], [2, 3]),
  ...moves('Unpack', '[3,2] along 0', [3, 2], (t) => tf.unstack(t, 0)),
  ...moves('Unpack', '[2,1] along 1', [2, 1], (t) => tf.unstack(t, 1)).map((entry) => withoutGradient(entry)),
  ...moves('SplitV', '[4,3] in 2', [4, 3], (t) => tf.split(t, 2, 0)),
  ...moves('SplitV', '[2,5] in 1,3,1', [2, 5], (t) => tf.split(t, [1, 3, 1], 1)),
  ...moves('Slice', '[4] 1 … 3', [4], (t) => tf.slice(t, [1], [2])),
  ...moves('Slice', '[2,4,3] inner', [2, 4, 3], (t) => tf.slice(t, [0, 1, 1], [2, 2, -1])),
  {
    kernel: 'Slice',
    name: 'Slice of nothing',
    inputs: { x: floats([4]) },
    run: x((t) => tf.slice(t, [2], [0])),
    expected: [],
  },
  ...moves('StridedSlice', '[2,6] by 2', [2, 6], (t) => tf.stridedSlice(t, [0, 1], [2, 6], [1, 2])).map(stridedOnWasm),
  ...moves('StridedSlice', '[5] backwards', [5], (t) => tf.stridedSlice(t, [4], [0], [-2])).map(stridedOnWasm),
  ...moves('StridedSlice', '[5] backwards to the start', [5], (t) => tf.stridedSlice(t, [-1], [0], [-1], 0, 1)).map(
    stridedOnWasm,
  ),
  {
    kernel: 'StridedSlice',
    name: 'StridedSlice shrink and new axis by hand',
    inputs: { x: shaped(row(1, 2, 3, 4, 5, 6, 7, 8), 2, 4) },
    run: x((t) => tf.stridedSlice(t, [1, 1, 0], [2, 2, 4], [1, 1, 2], 0, 0, 0, 1, 2)),
    expected: [5, 7],
    except: { cpu: shrinkBug, wasm: shrinkBug },
  },
  ...moves('Reverse', '[2,3] along 1', [2, 3], (t) => tf.reverse(t, 1), false),
  ...moves('Reverse', '[2,2,2] all', [2, 2, 2], (t) => tf.reverse(t), false),
  ...moves(
    'PadV2',
    '[2,3] with 7',
    [2, 3],
    (t) =>
      tf.pad(
        t,
        [
          [1, 0],
          [0, 2],
        ],
        7,
      ),
    false,
  ),
  ...moves(
    'PadV2',
    '[1,2,2,1]',
    [1, 2, 2, 1],
    (t) =>
      tf.pad(t, [
        [0, 0],
        [1, 1],
        [0, 1],
        [0, 0],
      ]),
    false,
  ),
  {
    kernel: 'MirrorPad',
    name: 'MirrorPad reflect by hand',
    inputs: { x: row(1, 2, 3) },
    run: x((t) => tf.mirrorPad(t, [[2, 2]], 'reflect')),
    expected: [3, 2, 1, 2, 3, 2, 1],
  },
  {
    kernel: 'MirrorPad',
    name: 'MirrorPad symmetric by hand',
    inputs: { x: shaped(row(1, 2, 3, 4), 2, 2) },
    run: x((t) =>
      tf.mirrorPad(
        t,
        [
          [1, 0],
          [0, 2],
        ],
        'symmetric',
      ),
    ),
    expected: [1, 2, 2, 1, 1, 2, 2, 1, 3, 4, 4, 3],
  },
  ...moves('Tile', '[2,3] by 2,2', [2, 3], (t) => tf.tile(t, [2, 2]), false),
  ...moves('Tile', '[3] to [2,3]', [3], (t) => tf.broadcastTo(t, [2, 3]), false),
  ...moves('DepthToSpace', '[1,1,2,4] by 2', [1, 1, 2, 4], (t) => tf.depthToSpace(t as tf.Tensor4D, 2), false)
    .slice(0, 1)
    .map((entry) => withoutGradient(entry)),
  ...moves(
    'SpaceToBatchND',
    '[1,3,4,2]',
    [1, 3, 4, 2],
    (t) =>
      tf.spaceToBatchND(
        t,
        [2, 2],
        [
          [1, 0],
          [0, 0],
        ],
      ),
    false,
  ).filter(({ name }) => !name.includes('int32')),
  ...moves(
    'BatchToSpaceND',
    '[4,2,2,1]',
    [4, 2, 2, 1],
    (t) =>
      tf.batchToSpaceND(
        t,
        [2, 2],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    false,
  ).filter(({ name }) => !name.includes('int32')),
  {
    kernel: 'Diag',
    name: 'Diag [3]',
    inputs: { x: row(1, 2, 3) },
    run: x((t) => tf.diag(t)),
    expected: [1, 0, 0, 0, 2, 0, 0, 0, 3],
  },
  {
    kernel: 'FlipLeftRight',
    name: 'FlipLeftRight [1,1,3,1]',
    inputs: { x: shaped(row(1, 2, 3), 1, 1, 3, 1) },
    run: x((t) => tf.image.flipLeftRight(t as tf.Tensor4D)),
    expected: [3, 2, 1],
  },
  {
    kernel: 'Concat',
    name: 'Concat of bool',
    inputs: { a: bits(1, 0), b: bits(0) },
    run: (i) => tf.concat([input(i, 'a'), input(i, 'b')]),
    expected: [1, 0, 0],
  },
  {
    kernel: 'Concat',
    name: 'Concat with an empty part',
    inputs: { a: wholes(), b: wholes(5, 6) },
    run: (i) => tf.concat([input(i, 'a'), input(i, 'b')]),
    expected: [5, 6],
  },
];

/** For kernels whose gradient tfjs does not define. */
function withoutGradient({ gradient: _, ...entry }: ConformanceCase): ConformanceCase {
  return entry;
}

/** tfjs-backend-wasm calls every strided slice float32. */
function stridedOnWasm(entry: ConformanceCase): ConformanceCase {
  const isFloat = Object.values(entry.inputs)[0]?.dtype === 'float32';
  return {
    ...withoutGradient(entry),
    ...(isFloat ? {} : { except: { wasm: 'tfjs-backend-wasm 4.22 calls the result float32' } }),
  };
}
