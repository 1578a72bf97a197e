import * as tf from '@tensorflow/tfjs';
import { type HostTensor, hostTensor } from '../../src/index.js';
import {
  bits,
  type ConformanceCase,
  type Exclusions,
  flags,
  floats,
  input,
  integers,
  row,
  shaped,
  wholes,
} from './conformance-case.js';

interface Unary {
  readonly kernel: string;
  readonly op: (x: tf.Tensor) => tf.Tensor;
  readonly reference: (x: number) => number;
  readonly domain?: readonly [number, number];
  /** Whether the gradient is checked; not where it is zero or undefined everywhere. */
  readonly smooth?: boolean;
  /** Integers pass through as integers. */
  readonly whole?: boolean;
  readonly atol?: number;
}

const roundHalfToEven = (x: number) => {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 ? floor + 1 : floor;
};

/** Abramowitz and Stegun 7.1.6, a series that converges everywhere. */
function erf(x: number): number {
  if (!Number.isFinite(x)) return Math.sign(x);
  let [sum, term] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const lambda = 1.0507009873554805;
const alpha = 1.6732632423543772;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const unary: readonly Unary[] = [
  { kernel: 'Abs', op: tf.abs, reference: Math.abs, smooth: true, whole: true },
  { kernel: 'Acos', op: tf.acos, reference: Math.acos, domain: [-0.9, 0.9], smooth: true },
  { kernel: 'Acosh', op: tf.acosh, reference: Math.acosh, domain: [1.2, 3], smooth: true },
  { kernel: 'Asin', op: tf.asin, reference: Math.asin, domain: [-0.9, 0.9], smooth: true },
  { kernel: 'Asinh', op: tf.asinh, reference: Math.asinh, smooth: true },
  { kernel: 'Atan', op: tf.atan, reference: Math.atan, smooth: true },
  { kernel: 'Atanh', op: tf.atanh, reference: Math.atanh, domain: [-0.9, 0.9], smooth: true },
  { kernel: 'Ceil', op: tf.ceil, reference: Math.ceil, domain: [-5, 5] },
  { kernel: 'Cos', op: tf.cos, reference: Math.cos, smooth: true },
  { kernel: 'Cosh', op: tf.cosh, reference: Math.cosh, smooth: true },
  { kernel: 'Elu', op: (x) => tf.elu(x), reference: (x) => (x >= 0 ? x : Math.expm1(x)), smooth: true },
  { kernel: 'Erf', op: tf.erf, reference: erf, smooth: true, atol: 1e-6 },
  { kernel: 'Exp', op: tf.exp, reference: Math.exp, smooth: true },
  { kernel: 'Expm1', op: tf.expm1, reference: Math.expm1, smooth: true },
  { kernel: 'Floor', op: tf.floor, reference: Math.floor, domain: [-5, 5] },
  {
    kernel: 'LeakyRelu',
    op: (x) => tf.leakyRelu(x, 0.1),
    reference: (x) => (x > 0 ? x : Math.fround(0.1) * x),
    domain: [-2.3, 1.9],
    smooth: true,
  },
  { kernel: 'Log', op: tf.log, reference: Math.log, domain: [0.1, 4], smooth: true },
  { kernel: 'Log1p', op: tf.log1p, reference: Math.log1p, domain: [-0.5, 3], smooth: true },
  { kernel: 'Neg', op: tf.neg, reference: (x) => -x, smooth: true, whole: true },
  { kernel: 'Reciprocal', op: tf.reciprocal, reference: (x) => 1 / x, domain: [0.3, 2], smooth: true },
  { kernel: 'Relu', op: tf.relu, reference: (x) => (Number.isNaN(x) ? x : Math.max(0, x)), smooth: true, whole: true },
  {
    kernel: 'Relu6',
    op: tf.relu6,
    reference: (x) => (Number.isNaN(x) ? x : Math.min(6, Math.max(0, x))),
    domain: [-8, 8],
    smooth: true,
  },
  { kernel: 'Round', op: tf.round, reference: roundHalfToEven, domain: [-5, 5] },
  { kernel: 'Rsqrt', op: tf.rsqrt, reference: (x) => 1 / Math.sqrt(x), domain: [0.3, 4], smooth: true },
  {
    kernel: 'Selu',
    op: tf.selu,
    reference: (x) => (x >= 0 ? lambda * x : lambda * alpha * Math.expm1(x)),
    smooth: true,
  },
  { kernel: 'Sigmoid', op: tf.sigmoid, reference: sigmoid, smooth: true },
  { kernel: 'Sign', op: tf.sign, reference: Math.sign },
  { kernel: 'Sin', op: tf.sin, reference: Math.sin, smooth: true },
  { kernel: 'Sinh', op: tf.sinh, reference: Math.sinh, smooth: true },
  {
    kernel: 'Softplus',
    op: tf.softplus,
    reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    smooth: true,
  },
  { kernel: 'Sqrt', op: tf.sqrt, reference: Math.sqrt, domain: [0.1, 4], smooth: true },
  { kernel: 'Square', op: tf.square, reference: (x) => x * x, smooth: true, whole: true },
  { kernel: 'Step', op: (x) => tf.step(x, 0.25), reference: (x) => (Number.isNaN(x) ? x : x > 0 ? 1 : 0.25) },
  { kernel: 'Tan', op: tf.tan, reference: Math.tan, domain: [-1, 1], smooth: true },
  { kernel: 'Tanh', op: tf.tanh, reference: Math.tanh, smooth: true },
  {
    kernel: 'ClipByValue',
    op: (x) => tf.clipByValue(x, -0.5, 0.75),
    reference: (x) => (Number.isNaN(x) ? x : Math.min(0.75, Math.max(-0.5, x))),
    smooth: true,
  },
  { kernel: 'Identity', op: (x) => x.clone(), reference: (x) => x, smooth: true, whole: true },
  { kernel: 'IsFinite', op: tf.isFinite, reference: (x) => Number(Number.isFinite(x)) },
  { kernel: 'IsInf', op: tf.isInf, reference: (x) => Number(Math.abs(x) === Number.POSITIVE_INFINITY) },
  { kernel: 'IsNan', op: tf.isNaN, reference: (x) => Number(Number.isNaN(x)) },
  { kernel: 'ZerosLike', op: tf.zerosLike, reference: () => 0, whole: true },
  { kernel: 'OnesLike', op: tf.onesLike, reference: () => 1, whole: true },
];

const special = row(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1, -1, 2.5, -2.5);

/** Per kernel and kind of input, which engine gives something else and why. */
const dropsNan: Exclusions = { wasm: 'tfjs wasm turns NaN into a number here' };
const broadcastGradient = 'tfjs-core 4.22 does not sum the gradient over broadcast axes, and throws';
const nowhere: Exclusions = { compiled: broadcastGradient, cpu: broadcastGradient, wasm: broadcastGradient };
const alwaysWhole: Exclusions = { cpu: 'tfjs cpu calls the result int32 whatever the operands are' };
const known: Readonly<Record<string, Exclusions>> = {
  'Sign of NaN and infinities': { cpu: 'tfjs calls the sign of NaN 0', wasm: 'tfjs calls the sign of NaN 0' },
  'Relu6 of NaN and infinities': dropsNan,
  'ClipByValue of NaN and infinities': dropsNan,
  'Maximum of NaN and infinities': dropsNan,
  'Minimum of NaN and infinities': dropsNan,
  'Pow of NaN and infinities': {
    compiled: "C's pow(1, NaN) is 1, JavaScript's is NaN",
    wasm: "C's pow(1, NaN) is 1, JavaScript's is NaN",
  },
};

function unaryCases(entry: Unary): ConformanceCase[] {
  const { kernel, op, reference, domain: [low, high] = [-2, 2], atol } = entry;
  const make = (name: string, x: HostTensor): ConformanceCase => ({
    kernel,
    name: `${kernel} ${name}`,
    inputs: { x },
    run: (inputs) => op(input(inputs, 'x')),
    expected: Float64Array.from(x.data, (value) => reference(value)),
    ...(atol ? { atol } : {}),
    ...(known[`${kernel} ${name}`] ? { except: known[`${kernel} ${name}`] as Exclusions } : {}),
  });
  const shapes = [[], [1], [0, 3], [7], [2, 3], [2, 1, 3, 2], [2, 1, 2, 1, 2]];
  return [
    ...shapes.map((shape) => {
      const plain = make(`[${shape}]`, floats(shape, low, high, kernel));
      const isGradient = entry.smooth && shape.length === 2 && shape[0];
      return isGradient
        ? {
            ...plain,
            gradient: ['x'],
            ...(known[`${kernel} gradient`] ? { exceptGradient: known[`${kernel} gradient`] as Exclusions } : {}),
          }
        : plain;
    }),
    make('of NaN and infinities', special),
    ...(entry.whole ? [make('of int32', integers([2, 5]))] : []),
  ];
}

interface Binary {
  readonly kernel: string;
  readonly op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
  readonly reference: (a: number, b: number) => number;
  readonly low?: number;
  readonly high?: number;
  readonly gradient?: boolean;
  readonly whole?: boolean;
}

const flooredRemainder = (a: number, b: number) => {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
};

const binary: readonly Binary[] = [
  { kernel: 'Add', op: tf.add, reference: (a, b) => a + b, gradient: true, whole: true },
  { kernel: 'Sub', op: tf.sub, reference: (a, b) => a - b, gradient: true, whole: true },
  { kernel: 'Multiply', op: tf.mul, reference: (a, b) => a * b, gradient: true, whole: true },
  { kernel: 'RealDiv', op: tf.div, reference: (a, b) => a / b, low: 0.5, high: 2, gradient: true },
  { kernel: 'Maximum', op: tf.maximum, reference: Math.max, gradient: true, whole: true },
  { kernel: 'Minimum', op: tf.minimum, reference: Math.min, gradient: true, whole: true },
  { kernel: 'Pow', op: tf.pow, reference: Math.pow, low: 0.5, high: 2, gradient: true },
  { kernel: 'FloorDiv', op: tf.floorDiv, reference: (a, b) => Math.floor(a / b), low: 0.3, high: 3, whole: true },
  { kernel: 'Mod', op: tf.mod, reference: flooredRemainder, low: 0.5, high: 3, whole: true },
  { kernel: 'SquaredDifference', op: tf.squaredDifference, reference: (a, b) => (a - b) ** 2, gradient: true },
  { kernel: 'Atan2', op: tf.atan2, reference: Math.atan2, low: 0.4, gradient: true },
  { kernel: 'Greater', op: tf.greater, reference: (a, b) => Number(a > b), whole: true },
  { kernel: 'GreaterEqual', op: tf.greaterEqual, reference: (a, b) => Number(a >= b), whole: true },
  { kernel: 'Less', op: tf.less, reference: (a, b) => Number(a < b), whole: true },
  { kernel: 'LessEqual', op: tf.lessEqual, reference: (a, b) => Number(a <= b), whole: true },
  { kernel: 'Equal', op: tf.equal, reference: (a, b) => Number(a === b), whole: true },
  { kernel: 'NotEqual', op: tf.notEqual, reference: (a, b) => Number(a !== b), whole: true },
];

const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], [1]],
  [
    [0, 2],
    [1, 2],
  ],
  [[5], [5]],
  [[2, 3], [3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [2, 2]],
  [
    [2, 3, 1, 2],
    [1, 1, 2, 2],
  ],
];

/** NumPy's rule, element by element. */
function broadcast(a: HostTensor, b: HostTensor, reference: (x: number, y: number) => number): Float64Array {
  const rank = Math.max(a.shape.length, b.shape.length);
  const pad = (shape: readonly number[]) => [...Array<number>(rank - shape.length).fill(1), ...shape];
  const [left, right] = [pad(a.shape), pad(b.shape)];
  const shape = left.map((d, axis) => (d === 1 ? (right[axis] as number) : d));
  const at = (own: readonly number[], data: HostTensor['data'], index: number) => {
    let [rest, offset, stride] = [index, 0, 1];
    for (let axis = rank - 1; axis >= 0; axis--) {
      const place = rest % (shape[axis] as number);
      rest = Math.floor(rest / (shape[axis] as number));
      offset += own[axis] === 1 ? 0 : place * stride;
      stride *= own[axis] as number;
    }
    return data[offset] as number;
  };
  return Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) =>
    reference(at(left, a.data, i), at(right, b.data, i)),
  );
}

function binaryCases({ kernel, op, reference, low = -1, high = 1, gradient, whole }: Binary): ConformanceCase[] {
  const make = (name: string, a: HostTensor, b: HostTensor): ConformanceCase => ({
    kernel,
    name: `${kernel} ${name}`,
    inputs: { a, b },
    run: (inputs) => op(input(inputs, 'a'), input(inputs, 'b')),
    expected: broadcast(a, b, reference),
    ...(known[`${kernel} ${name}`] ? { except: known[`${kernel} ${name}`] as Exclusions } : {}),
    ...(kernel === 'FloorDiv' && a.dtype === 'float32' ? { except: alwaysWhole } : {}),
  });
  const isSigned = kernel === 'FloorDiv' || kernel === 'Mod';
  return [
    ...pairs.map(([a, b]) => {
      const plain = make(`[${a}] [${b}]`, floats(a, low, high, 'a'), floats(b, low, high, 'b'));
      const isChecked = gradient && a.length && b.length && a[0] !== 0;
      if (!isChecked) return plain;
      const isUnsummed = a.join() !== b.join() && ['Maximum', 'Minimum', 'SquaredDifference'].includes(kernel);
      return { ...plain, gradient: ['a', 'b'], ...(isUnsummed ? { exceptGradient: nowhere } : {}) };
    }),
    make(
      'of NaN and infinities',
      row(Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
      row(1, Number.NaN, Number.POSITIVE_INFINITY, 2, -1),
    ),
    ...(whole ? [make('of int32', wholes(7, -7, 7, -7, 6, 0), wholes(2, 2, -2, -2, 3, 5))] : []),
    ...(isSigned ? [make('of signs', row(3.5, -3.5, 3.5, -3.5, 0), row(2, 2, -2, -2, 2))] : []),
  ];
}

const logical: ConformanceCase[] = [
  {
    kernel: 'LogicalAnd',
    name: 'LogicalAnd [2,2] [2]',
    inputs: { a: shaped(bits(0, 0, 1, 1), 2, 2), b: bits(0, 1) },
    run: (inputs) => tf.logicalAnd(input(inputs, 'a'), input(inputs, 'b')),
    expected: [0, 0, 0, 1],
  },
  {
    kernel: 'LogicalOr',
    name: 'LogicalOr [2,2] [2]',
    inputs: { a: shaped(bits(0, 0, 1, 1), 2, 2), b: bits(0, 1) },
    run: (inputs) => tf.logicalOr(input(inputs, 'a'), input(inputs, 'b')),
    expected: [0, 1, 1, 1],
  },
  {
    kernel: 'LogicalNot',
    name: 'LogicalNot [3]',
    inputs: { x: bits(0, 1, 0) },
    run: (inputs) => tf.logicalNot(input(inputs, 'x')),
    expected: [1, 0, 1],
  },
  {
    kernel: 'BitwiseAnd',
    name: 'BitwiseAnd of int32',
    inputs: { a: wholes(12, -1, 7), b: wholes(10, 5, 8) },
    run: (inputs) => tf.bitwiseAnd(input(inputs, 'a'), input(inputs, 'b')),
    expected: [8, 5, 0],
  },
  ...(
    [
      ['[3]', bits(1, 0, 1), floats([3], -1, 1, 't'), floats([3], -1, 1, 'e')],
      ['of int32', flags([2, 3]), integers([2, 3], 0, 9, 't'), integers([2, 3], 0, 9, 'e')],
      ['of bool', flags([6]), flags([6], 't'), flags([6], 'e')],
    ] as const
  ).map(
    ([name, condition, t, e]): ConformanceCase => ({
      kernel: 'Select',
      name: `Select ${name}`,
      inputs: { condition, t, e },
      run: (inputs) => tf.where(input(inputs, 'condition'), input(inputs, 't'), input(inputs, 'e')),
      expected: Float64Array.from(t.data, (value, i) =>
        condition.data[Math.floor(i / (t.data.length / condition.data.length))] ? value : (e.data[i] as number),
      ),
      ...(t.dtype === 'float32' ? { gradient: ['t', 'e'] } : {}),
    }),
  ),
  {
    kernel: 'Prelu',
    name: 'Prelu [2,2,3] alpha [3]',
    inputs: { x: floats([2, 2, 3], -2, 2), alpha: row(0.1, 0.5, 2) },
    run: (inputs) => tf.prelu(input(inputs, 'x'), input(inputs, 'alpha')),
    gradient: ['x', 'alpha'],
  },
  {
    kernel: 'AddN',
    name: 'AddN of three',
    inputs: { a: row(1, 2), b: row(10, 20), c: row(100, 200) },
    run: (inputs) => tf.addN([input(inputs, 'a'), input(inputs, 'b'), input(inputs, 'c')]),
    expected: [111, 222],
    gradient: ['a', 'c'],
  },
  ...(['float32', 'int32', 'bool'] as const).flatMap((to) =>
    (
      [
        ['float32', row(0, 1.75, -1.75, 3)],
        ['int32', wholes(0, 1, -7, 3)],
        ['bool', bits(0, 1, 1, 0)],
      ] as const
    )
      .filter(([from]) => from !== to)
      .map(
        ([from, x]): ConformanceCase => ({
          kernel: 'Cast',
          name: `Cast ${from} to ${to}`,
          inputs: { x },
          run: (inputs) => tf.cast(input(inputs, 'x'), to),
          expected: Float64Array.from(x.data, (value) =>
            to === 'bool' ? Number(value !== 0) : to === 'int32' ? Math.trunc(value) : value,
          ),
        }),
      ),
  ),
  {
    kernel: 'Fill',
    name: 'Fill [2,3] times x',
    inputs: { x: hostTensor(Float32Array.of(2), []) },
    run: (inputs) => tf.mul(tf.fill([2, 3], 1.5), input(inputs, 'x')),
    expected: [3, 3, 3, 3, 3, 3],
  },
  {
    kernel: 'Range',
    name: 'Range 5 … 0 by −2',
    inputs: { x: hostTensor(Int32Array.of(1), []) },
    run: (inputs) => tf.add(tf.range(5, 0, -2, 'int32'), input(inputs, 'x')),
    expected: [6, 4, 2],
  },
  {
    kernel: 'LinSpace',
    name: 'LinSpace 0 … 1 in 5',
    inputs: { x: hostTensor(Float32Array.of(1), []) },
    run: (inputs) => tf.add(tf.linspace(0, 1, 5), input(inputs, 'x')),
    expected: [1, 1.25, 1.5, 1.75, 2],
  },
];

/** Unary and binary kernels against JavaScript's own functions. */
export const elementwiseCases: readonly ConformanceCase[] = [
  ...unary.flatMap(unaryCases),
  ...binary.flatMap(binaryCases),
  ...logical,
];
