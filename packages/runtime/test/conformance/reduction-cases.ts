import * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../../src/index.js';
import {
  bits,
  type ConformanceCase,
  distinct,
  flags,
  floats,
  input,
  integers,
  row,
  shaped,
  wholes,
} from './conformance-case.js';

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

/** Folds groups of elements that share all places but those on the axes: the obvious reference. */
function fold({ data, shape }: HostTensor, axes: readonly number[], reduce: (values: number[]) => number): number[] {
  const groups = new Map<number, number[]>();
  const kept = shape.map((_, axis) => !axes.includes(axis));
  Array.from(data).forEach((value, index) => {
    let [rest, key, stride] = [index, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const place = rest % (shape[axis] as number);
      rest = Math.floor(rest / (shape[axis] as number));
      if (kept[axis]) {
        key += place * stride;
        stride *= shape[axis] as number;
      }
    }
    groups.set(key, [...(groups.get(key) ?? []), value]);
  });
  return [...groups].sort(([a], [b]) => a - b).map(([, values]) => reduce(values));
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const reducers: readonly (readonly [string, Reduce, (values: number[]) => number])[] = [
  ['Sum', tf.sum, sum],
  ['Mean', tf.mean, (values) => sum(values) / values.length],
  ['Max', tf.max, (values) => Math.max(...values)],
  ['Min', tf.min, (values) => Math.min(...values)],
  ['Prod', tf.prod, (values) => values.reduce((product, value) => product * value, 1)],
];

const axesOfRank: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[5], [0]],
  [[2, 3], [0]],
  [[2, 3], [1]],
  [
    [2, 3],
    [0, 1],
  ],
  [
    [2, 3, 2, 4],
    [0, 1, 2],
  ],
  [
    [2, 3, 2, 4],
    [1, 3],
  ],
  [[2, 1, 3], [1]],
];

function casesOf([kernel, op, reference]: (typeof reducers)[number]): ConformanceCase[] {
  return [
    ...axesOfRank.flatMap(([shape, axes]): ConformanceCase[] => {
      const x = distinct(shape, 0.13);
      return [
        {
          kernel,
          name: `${kernel} [${shape}] over ${axes}`,
          inputs: { x },
          run: (i) => op(input(i, 'x'), [...axes]),
          expected: fold(x, axes, reference),
          // tfjs defines no gradient for the product of int32; for float32 it needs inputs away from zero.
          ...(kernel === 'Prod' ? {} : { gradient: ['x'] }),
        },
      ];
    }),
    {
      kernel,
      name: `${kernel} keeping axes`,
      inputs: { x: distinct([2, 3, 2]) },
      run: (i) => op(input(i, 'x'), [1], true),
      expected: fold(distinct([2, 3, 2]), [1], reference),
    },
    {
      kernel,
      name: `${kernel} of one element`,
      inputs: { x: row(3) },
      run: (i) => op(input(i, 'x')),
      expected: [3],
    },
    ...(kernel === 'Mean'
      ? []
      : [
          {
            kernel,
            name: `${kernel} of int32`,
            inputs: { x: integers([3, 4]) },
            run: (i: Readonly<Record<string, tf.Tensor>>) => op(input(i, 'x'), 1),
            expected: fold(integers([3, 4]), [1], reference),
          },
        ]),
    {
      kernel,
      name: `${kernel} of infinities`,
      inputs: { x: shaped(row(1, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY, 5, 6), 3, 2) },
      run: (i) => op(input(i, 'x'), 1),
      expected: [
        [1, Number.POSITIVE_INFINITY],
        [2, Number.NEGATIVE_INFINITY],
        [5, 6],
      ].map(reference),
    },
  ];
}

const transposed = 'tfjs-core 4.22 transposes the gradient of a scan that is not along the last axis, and throws';

const softmaxOf = (values: readonly number[]) => {
  const top = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - top));
  return powers.map((power) => power / sum(powers));
};
const logits = row(1, 2, 3, -1000, 0, 1000);

/** Reductions against a fold by hand, and scans. */
export const reductionCases: readonly ConformanceCase[] = [
  ...reducers.flatMap(casesOf),
  {
    kernel: 'Sum',
    name: 'Sum of bool counts',
    inputs: { x: bits(1, 0, 1, 1) },
    run: (i) => tf.sum(input(i, 'x')),
    expected: [3],
  },
  {
    kernel: 'Sum',
    name: 'Sum of nothing',
    inputs: { x: floats([0, 3]) },
    run: (i) => tf.sum(input(i, 'x'), 0),
    expected: [0, 0, 0],
  },
  ...(['All', 'Any'] as const).map(
    (kernel): ConformanceCase => ({
      kernel,
      name: `${kernel} rows`,
      inputs: { x: shaped(bits(1, 1, 1, 0, 0, 0), 3, 2) },
      run: (i) => (kernel === 'All' ? tf.all : tf.any)(input(i, 'x'), 1),
      expected: kernel === 'All' ? [1, 0, 0] : [1, 1, 0],
    }),
  ),
  ...(['ArgMax', 'ArgMin'] as const).flatMap((kernel): ConformanceCase[] => {
    const op = kernel === 'ArgMax' ? tf.argMax : tf.argMin;
    return [
      { kernel, name: `${kernel} rows`, inputs: { x: distinct([3, 4]) }, run: (i) => op(input(i, 'x'), 1) },
      { kernel, name: `${kernel} columns`, inputs: { x: distinct([3, 4]) }, run: (i) => op(input(i, 'x'), 0) },
      {
        kernel,
        name: `${kernel} takes the first of equals`,
        inputs: { x: row(2, 5, 5, 2) },
        run: (i) => op(input(i, 'x')),
        expected: [kernel === 'ArgMax' ? 1 : 0],
      },
      {
        kernel,
        name: `${kernel} of int32`,
        inputs: { x: wholes(3, 9, -4) },
        run: (i) => op(input(i, 'x')),
        expected: [kernel === 'ArgMax' ? 1 : 2],
      },
    ];
  }),
  {
    kernel: 'Softmax',
    name: 'Softmax of far apart logits',
    inputs: { logits: shaped(logits, 2, 3) },
    run: (i) => tf.softmax(input(i, 'logits')),
    expected: [...softmaxOf([1, 2, 3]), ...softmaxOf([-1000, 0, 1000])],
  },
  {
    kernel: 'Softmax',
    name: 'Softmax [2,3,4]',
    inputs: { x: floats([2, 3, 4], -2, 2) },
    run: (i) => tf.softmax(input(i, 'x')),
    gradient: ['x'],
  },
  {
    kernel: 'Exp',
    name: 'logSoftmax, composed by tfjs, [2,3]',
    inputs: { x: shaped(row(1, 2, 3, -1, 0, 4), 2, 3) },
    run: (i) => tf.logSoftmax(input(i, 'x')),
    expected: [...softmaxOf([1, 2, 3]), ...softmaxOf([-1, 0, 4])].map(Math.log),
    gradient: ['x'],
  },
  ...(['Cumsum', 'Cumprod'] as const).flatMap((kernel) => {
    const op = kernel === 'Cumsum' ? tf.cumsum : tf.cumprod;
    return (
      [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ] as const
    ).flatMap(([exclusive, reverse]): ConformanceCase[] =>
      [0, 1].map((axis) => ({
        kernel,
        name: `${kernel} along ${axis}${exclusive ? ' exclusive' : ''}${reverse ? ' reverse' : ''}`,
        inputs: { x: floats([3, 5], 0.5, 1.5) },
        run: (i) => op(input(i, 'x'), axis, exclusive, reverse),
        ...(kernel === 'Cumsum' ? { gradient: ['x'] } : {}),
        ...(axis === 0 ? { exceptGradient: { compiled: transposed, cpu: transposed, wasm: transposed } } : {}),
      })),
    );
  }),
  {
    kernel: 'Cumsum',
    name: 'Cumsum of int32',
    inputs: { x: wholes(1, 2, 3) },
    run: (i) => tf.cumsum(input(i, 'x')),
    expected: [1, 3, 6],
  },
  { kernel: 'All', name: 'All of everything', inputs: { x: flags([7]) }, run: (i) => tf.all(input(i, 'x')) },
];
