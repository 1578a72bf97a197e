import * as tf from '@tensorflow/tfjs';
import type { DType, TensorSpec } from '../types.js';
import {
  type KernelDefinition,
  type KernelFamily,
  type LowerContext,
  type LowerNode,
  required,
} from './kernel-definition.js';

type Lower = (context: LowerContext, node: LowerNode) => string;

const first = (inputs: Readonly<Record<string, TensorSpec>>) => required(Object.values(inputs)[0], 'an input');

function unary(
  lower: (context: LowerContext, x: string, node: LowerNode, spec: TensorSpec) => string,
  dtype?: DType,
): KernelDefinition {
  return {
    infer: (inputs) => [{ shape: first(inputs).shape, dtype: dtype ?? first(inputs).dtype }],
    lower: (context, node) => [
      lower(context, required(Object.values(node.inputs)[0], 'an input'), node, first(node.specs)),
    ],
  };
}

/** A kernel that is one ONNX operator. */
const same = (type: string, dtype?: DType) => unary((context, x) => context.op(type, [x]), dtype);

function binary(lower: Lower, dtype?: DType): KernelDefinition {
  return {
    infer: ({ a, b }) => {
      const [left, right] = [required(a, 'a'), required(b, 'b')];
      const shape = tf.broadcast_util.assertAndGetBroadcastShape([...left.shape], [...right.shape]);
      return [
        { shape, dtype: dtype ?? (tf.upcastType(left.dtype as tf.DataType, right.dtype as tf.DataType) as DType) },
      ];
    },
    lower: (context, node) => [lower(context, node)],
  };
}

const pair = ({ inputs }: LowerNode): [string, string] => [required(inputs.a, 'a'), required(inputs.b, 'b')];
const same2 = (type: string, dtype?: DType) => binary((context, node) => context.op(type, pair(node)), dtype);
const compare = (type: string, negated = false) =>
  binary((context, node) => {
    // ONNX orders numbers only; flags are compared as integers.
    const isBool = node.specs.a?.dtype === 'bool' || node.specs.b?.dtype === 'bool';
    const operands = isBool ? pair(node).map((value) => context.cast(value, 'int32')) : pair(node);
    const result = context.op(type, operands);
    return negated ? context.op('Not', [result]) : result;
  }, 'bool');

const float = (value: unknown, otherwise: number) => ({ float: typeof value === 'number' ? value : otherwise });

/** Unary and binary kernels, element by element with broadcasting. */
export const elementwiseKernels: KernelFamily = {
  Abs: same('Abs'),
  Acos: same('Acos'),
  Acosh: same('Acosh'),
  Asin: same('Asin'),
  Asinh: same('Asinh'),
  Atan: same('Atan'),
  Atanh: same('Atanh'),
  Ceil: unary((context, x, _node, spec) => (spec.dtype === 'float32' ? context.op('Ceil', [x]) : x)),
  Cos: same('Cos'),
  Cosh: same('Cosh'),
  Erf: same('Erf'),
  Exp: same('Exp'),
  Expm1: unary((context, x) => {
    // Exact near zero: exp(x) − 1 = 2 tanh(x/2) / (1 − tanh(x/2)); plain form where that overflows.
    const t = context.op('Tanh', [context.op('Mul', [x, context.scalar(0.5, 'float32')])]);
    const small = context.op('Div', [
      context.op('Mul', [t, context.scalar(2, 'float32')]),
      context.op('Sub', [context.scalar(1, 'float32'), t]),
    ]);
    const plain = context.op('Sub', [context.op('Exp', [x]), context.scalar(1, 'float32')]);
    const isSmall = context.op('Less', [context.op('Abs', [x]), context.scalar(0.5, 'float32')]);
    return context.op('Where', [isSmall, small, plain]);
  }),
  Floor: unary((context, x, _node, spec) => (spec.dtype === 'float32' ? context.op('Floor', [x]) : x)),
  IsFinite: unary(
    (context, x) => context.op('Not', [context.op('Or', [context.op('IsNaN', [x]), context.op('IsInf', [x])])]),
    'bool',
  ),
  IsInf: same('IsInf', 'bool'),
  IsNan: same('IsNaN', 'bool'),
  Elu: same('Elu'),
  EluGrad: {
    infer: ({ y }) => [required(y, 'y')],
    lower: (context, { inputs }) => {
      const [dy, y] = [required(inputs.dy, 'dy'), required(inputs.y, 'y')];
      const positive = context.op('GreaterOrEqual', [y, context.scalar(0, 'float32')]);
      const negative = context.op('Mul', [dy, context.op('Add', [y, context.scalar(1, 'float32')])]);
      return [context.op('Where', [positive, dy, negative])];
    },
  },
  LeakyRelu: unary((context, x, { attributes }) =>
    context.op('LeakyRelu', [x], { alpha: float(attributes.alpha, 0.2) }),
  ),
  Prelu: {
    infer: ({ x }) => [required(x, 'x')],
    lower: (context, { inputs }) => [context.op('PRelu', [required(inputs.x, 'x'), required(inputs.alpha, 'alpha')])],
  },
  Log: same('Log'),
  Log1p: unary((context, x) => {
    // log(1+x) = x·log(u)/(u−1) with u = fl(1+x) (Kahan), x itself where u is 1.
    const one = context.scalar(1, 'float32');
    const u = context.op('Add', [x, one]);
    const log = context.op('Log', [u]);
    const precise = context.op('Div', [context.op('Mul', [x, log]), context.op('Sub', [u, one])]);
    const isTiny = context.op('Equal', [u, one]);
    const isLarge = context.op('IsInf', [u]);
    return context.op('Where', [isTiny, x, context.op('Where', [isLarge, log, precise])]);
  }),
  LogicalNot: same('Not', 'bool'),
  Neg: same('Neg'),
  Reciprocal: same('Reciprocal'),
  Relu: unary((context, x) => context.op('Relu', [x])),
  Relu6: unary((context, x) => context.op('Clip', [x, context.scalar(0, 'float32'), context.scalar(6, 'float32')])),
  Round: same('Round'),
  Rsqrt: unary((context, x) => context.op('Reciprocal', [context.op('Sqrt', [x])])),
  Selu: same('Selu'),
  Sigmoid: same('Sigmoid'),
  Sign: same('Sign'),
  Sin: same('Sin'),
  Sinh: same('Sinh'),
  Softplus: same('Softplus'),
  Sqrt: same('Sqrt'),
  Square: unary((context, x) => context.op('Mul', [x, x])),
  Step: unary((context, x, { attributes }, spec) => {
    const zero = context.scalar(0, spec.dtype);
    const alpha = context.scalar(typeof attributes.alpha === 'number' ? attributes.alpha : 0, spec.dtype);
    const step = context.op('Where', [context.op('Greater', [x, zero]), context.scalar(1, spec.dtype), alpha]);
    return spec.dtype === 'float32' ? context.op('Where', [context.op('IsNaN', [x]), x, step]) : step;
  }),
  Tan: same('Tan'),
  Tanh: same('Tanh'),
  ClipByValue: unary((context, x, { attributes }, spec) => {
    const bound = (key: string) => context.scalar(attributes[key] as number, spec.dtype);
    return context.op('Clip', [x, bound('clipValueMin'), bound('clipValueMax')]);
  }),
  Identity: same('Identity'),
  Cast: {
    infer: ({ x }, { dtype }) => [{ shape: required(x, 'x').shape, dtype: dtype as DType }],
    lower: (context, { inputs, specs, attributes }) => {
      const [value, from, to] = [required(inputs.x, 'x'), required(specs.x, 'x').dtype, attributes.dtype as DType];
      return [from === to ? context.op('Identity', [value]) : context.cast(value, to)];
    },
  },
  Add: same2('Add'),
  Sub: same2('Sub'),
  Multiply: same2('Mul'),
  RealDiv: same2('Div'),
  Maximum: same2('Max'),
  Minimum: same2('Min'),
  Pow: same2('Pow'),
  FloorDiv: binary((context, node) => {
    if (node.outputs[0]?.dtype === 'float32') return context.op('Floor', [context.op('Div', pair(node))]);
    // int32 division truncates in ONNX; doubles hold every int32 quotient's floor exactly.
    const [a, b] = pair(node).map((value) => context.cast(value, 'double')) as [string, string];
    return context.cast(context.op('Floor', [context.op('Div', [a, b])]), 'int32');
  }),
  Mod: binary((context, node) => {
    const [a, b] = pair(node);
    const dtype = required(node.outputs[0], 'an output').dtype;
    if (dtype === 'int32') return context.op('Mod', [a, b]);
    // C remainder, moved into the divisor's sign.
    const remainder = context.op('Mod', [a, b], { fmod: 1 });
    const zero = context.scalar(0, dtype);
    const differs = context.op('Xor', [context.op('Less', [remainder, zero]), context.op('Less', [b, zero])]);
    const nonZero = context.op('Not', [context.op('Equal', [remainder, zero])]);
    const moved = context.op('Add', [remainder, b]);
    return context.op('Where', [context.op('And', [differs, nonZero]), moved, remainder]);
  }),
  Atan2: binary((context, node) => {
    const given = pair(node);
    const bothInfinite = context.op(
      'And',
      given.map((value) => context.op('IsInf', [value])),
    );
    // Infinite both ways: the diagonal, as of two ones.
    const [a, b] = given.map((value) => context.op('Where', [bothInfinite, context.op('Sign', [value]), value])) as [
      string,
      string,
    ];
    const zero = context.scalar(0, 'float32');
    const number = (value: number) => context.scalar(value, 'float32');
    const isUp = context.op('GreaterOrEqual', [a, zero]);
    const angle = context.op('Atan', [context.op('Div', [a, b])]);
    const turned = context.op('Add', [angle, context.op('Where', [isUp, number(Math.PI), number(-Math.PI)])]);
    const sideways = context.op('Mul', [context.op('Sign', [a]), number(Math.PI / 2)]);
    const isLeft = context.op('Less', [b, zero]);
    // NaN in b compares false both ways and stays in `angle`; NaN in a stays in each branch.
    return context.op('Where', [
      context.op('Equal', [b, zero]),
      sideways,
      context.op('Where', [isLeft, turned, angle]),
    ]);
  }),
  BitwiseAnd: same2('BitwiseAnd'),
  SquaredDifference: binary((context, node) => {
    const difference = context.op('Sub', pair(node));
    return context.op('Mul', [difference, difference]);
  }),
  Greater: compare('Greater'),
  GreaterEqual: compare('GreaterOrEqual'),
  Less: compare('Less'),
  LessEqual: compare('LessOrEqual'),
  Equal: compare('Equal'),
  NotEqual: compare('Equal', true),
  LogicalAnd: same2('And', 'bool'),
  LogicalOr: same2('Or', 'bool'),
  AddN: {
    infer: (inputs) => [first(inputs)],
    lower: (context, { inputs }) => [Object.values(inputs).reduce((sum, value) => context.op('Add', [sum, value]))],
  },
  Select: {
    infer: ({ t, e }) => [
      {
        shape: required(t, 't').shape,
        dtype: tf.upcastType(required(t, 't').dtype as tf.DataType, required(e, 'e').dtype as tf.DataType) as DType,
      },
    ],
    lower: (context, { inputs, specs, outputs }) => {
      let condition = required(inputs.condition, 'condition');
      const flags = required(specs.condition, 'condition');
      const rank = required(specs.t, 't').shape.length;
      if (flags.shape.length < rank) {
        const shape = [...flags.shape, ...Array(rank - flags.shape.length).fill(1)];
        condition = context.op('Reshape', [condition, context.int64(shape)]);
      }
      const isBool = outputs[0]?.dtype === 'bool';
      const [t, e] = [required(inputs.t, 't'), required(inputs.e, 'e')].map((value) =>
        isBool ? context.cast(value, 'int32') : value,
      ) as [string, string];
      const chosen = context.op('Where', [condition, t, e]);
      return [isBool ? context.cast(chosen, 'bool') : chosen];
    },
  },
};
