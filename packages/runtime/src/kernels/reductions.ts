import * as tf from '@tensorflow/tfjs';
import { hostTensor, sizeOf } from '../host-tensor.js';
import type { DType, TensorSpec } from '../types.js';
import {
  type Attributes,
  type KernelDefinition,
  type KernelFamily,
  type LowerContext,
  required,
} from './kernel-definition.js';

const inputX = (inputs: Readonly<Record<string, TensorSpec>>) => required(inputs.x, 'x');

function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((d, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [d]));
}

const axesOf = (axis: unknown, shape: readonly number[]) =>
  tf.util.parseAxisParam(axis as number | number[], [...shape]).toSorted((a, b) => a - b);

/** tfjs calls the axes of `Max` by another name than those of all other reductions. */
const reducedAxes = ({ axis, reductionIndices }: Attributes, shape: readonly number[]) =>
  axesOf(axis ?? reductionIndices, shape);

/**
 * The sum over all axes but the last, as a product with ones per item of the first axis: ONNX Runtime's own reduction is several times slower for the
 * few channels of a wide map, and one long sum is less exact than a sum of sums.
 */
function sumLeading(context: LowerContext, value: string, shape: readonly number[], keepDims: boolean): string {
  const [items = 1] = shape;
  const channels = shape.at(-1) ?? 1;
  const rows = sizeOf(shape) / (items * channels);
  const ones = context.constant(hostTensor(new Float32Array(rows).fill(1), [1, rows]));
  const sums = context.op('MatMul', [ones, context.op('Reshape', [value, context.int64([items, rows, channels])])]);
  const total = context.op('ReduceSum', [sums, context.int64([0, 1])], { keepdims: 0 });
  return context.op('Reshape', [
    total,
    context.int64(keepDims ? [...shape.slice(0, -1).map(() => 1), channels] : [channels]),
  ]);
}

/** @param outputType the element type of the result by that of the input. */
function reduction(type: string, outputType: (dtype: DType) => DType = (dtype) => dtype): KernelDefinition {
  return {
    infer: (inputs, attributes) => {
      const { shape, dtype } = inputX(inputs);
      return [
        {
          shape: reducedShape(shape, reducedAxes(attributes, shape), Boolean(attributes.keepDims)),
          dtype: outputType(dtype),
        },
      ];
    },
    lower: (context, { inputs, specs, attributes }) => {
      const { shape, dtype } = inputX(specs);
      const axes = reducedAxes(attributes, shape);
      const result = outputType(dtype);
      const reducedTo = reducedShape(shape, axes, Boolean(attributes.keepDims));
      // ONNX Runtime's CUDA provider refuses to reduce an axis without elements.
      if (type === 'ReduceSum' && sizeOf(shape) === 0 && sizeOf(reducedTo) > 0) {
        return [context.op('Expand', [context.scalar(0, result), context.int64(reducedTo)])];
      }
      let value = required(inputs.x, 'x');
      if (dtype === 'bool') value = context.cast(value, 'int32');
      else if (dtype !== result) value = context.cast(value, result);
      if (!axes.length) return [context.op('Identity', [value])];
      const leading = axes.length === shape.length - 1 && shape.length >= 3 && axes.at(-1) === axes.length - 1;
      if ((type === 'ReduceSum' || type === 'ReduceMean') && result === 'float32' && leading && sizeOf(shape) > 0) {
        const sum = sumLeading(context, value, shape, Boolean(attributes.keepDims));
        const count = sizeOf(shape.slice(0, -1));
        return [type === 'ReduceSum' ? sum : context.op('Div', [sum, context.scalar(count, 'float32')])];
      }
      const reduced = context.op(type, [value, context.int64(axes)], { keepdims: attributes.keepDims ? 1 : 0 });
      return [result === 'bool' ? context.cast(reduced, 'bool') : reduced];
    },
  };
}

function indexOfExtreme(type: 'ArgMax' | 'ArgMin'): KernelDefinition {
  return {
    infer: (inputs, { axis }) => {
      const { shape } = inputX(inputs);
      return [{ shape: reducedShape(shape, axesOf(axis, shape), false), dtype: 'int32' }];
    },
    lower: (context, { inputs, specs, attributes }) => {
      const [axis] = axesOf(attributes.axis, inputX(specs).shape);
      return [context.cast(context.op(type, [required(inputs.x, 'x')], { axis: axis ?? 0, keepdims: 0 }), 'int32')];
    },
  };
}

const sumType = (dtype: DType): DType => (dtype === 'bool' ? 'int32' : dtype);

const softmax: KernelDefinition = {
  infer: (inputs) => [{ shape: required(inputs.logits, 'logits').shape, dtype: 'float32' }],
  lower: (context, { inputs, specs, attributes }) => {
    const rank = required(specs.logits, 'logits').shape.length;
    const axis = typeof attributes.dim === 'number' ? attributes.dim : -1;
    return [context.op('Softmax', [required(inputs.logits, 'logits')], { axis: axis < 0 ? axis + rank : axis })];
  },
};

function cumulative(
  lower: (
    context: LowerContext,
    x: string,
    axis: number,
    attributes: Readonly<Record<string, unknown>>,
    spec: TensorSpec,
  ) => string,
): KernelDefinition {
  return {
    infer: (inputs) => [inputX(inputs)],
    lower: (context, { inputs, specs, attributes }) => {
      const spec = inputX(specs);
      const axis = attributes.axis as number;
      return [lower(context, required(inputs.x, 'x'), axis < 0 ? axis + spec.shape.length : axis, attributes, spec)];
    },
  };
}

/** Kernels that fold or scan an axis. */
export const reductionKernels: KernelFamily = {
  Sum: reduction('ReduceSum', sumType),
  Mean: reduction('ReduceMean', () => 'float32'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd', sumType),
  All: reduction('ReduceMin'),
  Any: reduction('ReduceMax'),
  ArgMax: indexOfExtreme('ArgMax'),
  ArgMin: indexOfExtreme('ArgMin'),
  Softmax: softmax,
  Cumprod: cumulative((context, x, axis, { exclusive, reverse }, spec) => {
    const length = spec.shape[axis] ?? 0;
    const rank = spec.shape.length;
    const one = context.scalar(1, spec.dtype);
    // Moves along the axis by `by`, ones coming in, nothing going on past the end.
    const shifted = (value: string, by: number) => {
      const pads = Array<number>(2 * rank).fill(0);
      pads[reverse ? rank + axis : axis] = by;
      pads[reverse ? axis : rank + axis] = -by;
      return context.op('Pad', [value, context.int64(pads), one]);
    };
    let product = exclusive && length > 0 ? shifted(x, 1) : x;
    // Doubling: after step k each place holds the product of the last 2^k elements.
    for (let by = 1; by < length; by *= 2) product = context.op('Mul', [product, shifted(product, by)]);
    return product;
  }),
  Cumsum: cumulative((context, x, axis, { exclusive, reverse }) =>
    context.op('CumSum', [x, context.constant({ data: Int32Array.of(axis), shape: [], dtype: 'int32' })], {
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    }),
  ),
};
