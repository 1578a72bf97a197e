import * as tf from '@tensorflow/tfjs';
import { hostTensor, sizeOf } from '../host-tensor.js';
import type { DType, TensorSpec } from '../types.js';
import { type KernelDefinition, type KernelFamily, type LowerContext, required } from './kernel-definition.js';

const inputX = (inputs: Readonly<Record<string, TensorSpec>>) => required(inputs.x, 'x');

function reshaping(
  shapeOf: (x: TensorSpec, attributes: Readonly<Record<string, unknown>>) => readonly number[],
): KernelDefinition {
  return {
    infer: ({ x, input }, attributes) => {
      const tensor = required(x ?? input, 'x');
      return [{ shape: shapeOf(tensor, attributes), dtype: tensor.dtype }];
    },
    lower: (context, { inputs, outputs }) => [
      context.op(
        'Reshape',
        [required(inputs.x ?? inputs.input, 'x'), context.int64(required(outputs[0], 'output').shape)],
        {
          allowzero: 1,
        },
      ),
    ],
  };
}

const wholeAxis = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

/** Adds `keepDims`-like handling of flags: ONNX has no flags in some operators. */
function viaInt32(context: LowerContext, spec: TensorSpec, value: string, run: (value: string) => string): string {
  return spec.dtype === 'bool' ? context.cast(run(context.cast(value, 'int32')), 'bool') : run(value);
}

function sliceBounds(
  shape: readonly number[],
  attributes: Readonly<Record<string, unknown>>,
): { begin: number[]; size: number[] } {
  const begins = attributes.begin as number | number[];
  const sizes = attributes.size as number | number[] | undefined;
  const begin = shape.map((_, axis) => (typeof begins === 'number' ? (axis ? 0 : begins) : (begins[axis] ?? 0)));
  const size = shape.map((d, axis) => {
    const wanted = sizes === undefined ? -1 : typeof sizes === 'number' ? (axis ? -1 : sizes) : (sizes[axis] ?? -1);
    return wanted < 0 ? d - (begin[axis] ?? 0) : wanted;
  });
  return { begin, size };
}

const padded: KernelDefinition = {
  infer: ({ x }, { paddings }) => {
    const spec = required(x, 'x');
    const shape = spec.shape.map((d, axis) => {
      const [before, after] = (paddings as [number, number][])[axis] ?? [0, 0];
      return d + before + after;
    });
    return [{ shape, dtype: spec.dtype }];
  },
  lower: (context, { inputs, specs, attributes }) => {
    const paddings = attributes.paddings as [number, number][];
    const pads = context.int64([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
    const spec = inputX(specs);
    const result = viaInt32(context, spec, required(inputs.x, 'x'), (value) => {
      const dtype = spec.dtype === 'bool' ? 'int32' : spec.dtype;
      return context.op('Pad', [value, pads, context.scalar(attributes.constantValue as number, dtype)]);
    });
    return [result];
  },
};

/** Kernels that move elements without computing: reshapes, slices, joins, padding, and tensors made of nothing. */
export const shapeKernels: KernelFamily = {
  Reshape: reshaping((x, { shape }) => tf.util.inferFromImplicitShape([...(shape as number[])], sizeOf(x.shape))),
  ExpandDims: reshaping((x, { dim }) => {
    const at = (dim as number) < 0 ? x.shape.length + 1 + (dim as number) : (dim as number);
    return [...x.shape.slice(0, at), 1, ...x.shape.slice(at)];
  }),
  Transpose: {
    infer: ({ x }, { perm }) => [
      { shape: (perm as number[]).map((axis) => required(x, 'x').shape[axis] ?? 0), dtype: required(x, 'x').dtype },
    ],
    lower: (context, { inputs, attributes }) => [
      context.transpose(required(inputs.x, 'x'), attributes.perm as number[]),
    ],
  },
  Concat: {
    infer: (inputs, { axis }) => {
      const parts = Object.values(inputs);
      const head = required(parts[0], 'a part');
      const at = wholeAxis(axis as number, head.shape.length);
      const length = parts.reduce((sum, part) => sum + (part.shape[at] ?? 0), 0);
      return [{ shape: head.shape.map((d, i) => (i === at ? length : d)), dtype: head.dtype }];
    },
    lower: (context, { inputs, outputs, attributes }) => [
      context.op('Concat', Object.values(inputs), {
        axis: wholeAxis(attributes.axis as number, required(outputs[0], 'output').shape.length),
      }),
    ],
  },
  Pack: {
    infer: (inputs, { axis }) => {
      const parts = Object.values(inputs);
      const head = required(parts[0], 'a part');
      const at = wholeAxis(axis as number, head.shape.length + 1);
      return [{ shape: [...head.shape.slice(0, at), parts.length, ...head.shape.slice(at)], dtype: head.dtype }];
    },
    lower: (context, { inputs, specs, outputs, attributes }) => {
      const rank = required(outputs[0], 'output').shape.length;
      const axis = wholeAxis(attributes.axis as number, rank);
      const part = required(Object.values(specs)[0], 'a part').shape;
      const shape = context.int64([...part.slice(0, axis), 1, ...part.slice(axis)]);
      return [
        context.op(
          'Concat',
          Object.values(inputs).map((value) => context.op('Reshape', [value, shape])),
          { axis },
        ),
      ];
    },
  },
  Unpack: {
    infer: ({ value }, { axis }) => {
      const spec = required(value, 'value');
      const at = wholeAxis(axis as number, spec.shape.length);
      const shape = spec.shape.filter((_, i) => i !== at);
      return Array.from({ length: spec.shape[at] ?? 0 }, () => ({ shape, dtype: spec.dtype }));
    },
    lower: (context, { inputs, specs, outputs, attributes }) => {
      const spec = required(specs.value, 'value');
      const axis = wholeAxis(attributes.axis as number, spec.shape.length);
      const shape = context.int64(required(outputs[0], 'output').shape);
      const ones = context.int64(outputs.map(() => 1));
      return context
        .ops('Split', [required(inputs.value, 'value'), ones], { axis }, outputs.length)
        .map((part) => context.op('Reshape', [part, shape]));
    },
  },
  SplitV: {
    infer: ({ x }, { numOrSizeSplits, axis }) => {
      const spec = required(x, 'x');
      const at = wholeAxis(axis as number, spec.shape.length);
      return splitSizes(spec, numOrSizeSplits as number | number[], at).map((size) => ({
        shape: spec.shape.map((d, i) => (i === at ? size : d)),
        dtype: spec.dtype,
      }));
    },
    lower: (context, { inputs, specs, outputs, attributes }) => {
      const axis = wholeAxis(attributes.axis as number, inputX(specs).shape.length);
      const sizes = context.int64(outputs.map((output) => output.shape[axis] ?? 0));
      return context.ops('Split', [required(inputs.x, 'x'), sizes], { axis }, outputs.length);
    },
  },
  Slice: {
    infer: ({ x }, attributes) => [
      { shape: sliceBounds(required(x, 'x').shape, attributes).size, dtype: required(x, 'x').dtype },
    ],
    lower: (context, { inputs, specs, attributes }) => {
      const { begin, size } = sliceBounds(inputX(specs).shape, attributes);
      const value = required(inputs.x, 'x');
      if (!begin.length) return [context.op('Identity', [value])];
      const end = begin.map((start, axis) => start + (size[axis] ?? 0));
      return [
        context.op('Slice', [value, context.int64(begin), context.int64(end), context.int64(begin.map((_, i) => i))]),
      ];
    },
  },
  StridedSlice: {
    infer: ({ x }, attributes) => [
      { shape: stridedSlice(required(x, 'x'), attributes).finalShape, dtype: required(x, 'x').dtype },
    ],
    lower: (context, { inputs, specs, attributes }) => {
      const spec = inputX(specs);
      const { begin, end, strides, finalShape } = stridedSlice(spec, attributes);
      // tfjs writes "down to and including 0" as an end of −1, which ONNX would wrap to the last element.
      const ends = end.map((stop, axis) =>
        (strides[axis] ?? 1) < 0 && stop < 0 ? -(spec.shape[axis] ?? 0) - 1 : stop,
      );
      const axes = context.int64(begin.map((_, i) => i));
      const sliced = context.op('Slice', [
        required(inputs.x, 'x'),
        context.int64(begin),
        context.int64(ends),
        axes,
        context.int64(strides),
      ]);
      return [context.op('Reshape', [sliced, context.int64(finalShape)], { allowzero: 1 })];
    },
  },
  Reverse: {
    infer: ({ x }) => [required(x, 'x')],
    lower: (context, { inputs, specs, attributes }) => {
      const axes = tf.util.parseAxisParam(attributes.dims as number[], [...inputX(specs).shape]);
      if (!axes.length) return [context.op('Identity', [required(inputs.x, 'x')])];
      const all = (value: number) => context.int64(axes.map(() => value));
      // int64 minimum as "before the first element": −2⁵³ is far enough and exact.
      return [
        context.op('Slice', [
          required(inputs.x, 'x'),
          all(-1),
          all(Number.MIN_SAFE_INTEGER),
          context.int64(axes),
          all(-1),
        ]),
      ];
    },
  },
  PadV2: padded,
  Tile: {
    infer: ({ x }, { reps }) => [
      {
        shape: required(x, 'x').shape.map((d, axis) => d * ((reps as number[])[axis] ?? 1)),
        dtype: required(x, 'x').dtype,
      },
    ],
    lower: (context, { inputs, attributes }) => [
      context.op('Tile', [required(inputs.x, 'x'), context.int64(attributes.reps as number[])]),
    ],
  },
  ZerosLike: filled(() => 0),
  OnesLike: filled(() => 1),
  Fill: {
    infer: (_inputs, { shape, dtype, value }) => [
      {
        shape: shape as number[],
        dtype: (dtype as DType | undefined) ?? (tf.util.inferDtype(value as number) as DType),
      },
    ],
    lower: (context, { outputs, attributes }) => [
      fill(context, required(outputs[0], 'output'), attributes.value as number),
    ],
  },
  Range: {
    infer: (_inputs, { start, stop, step, dtype }) => {
      const [a, b, s] = [start as number, stop as number, step as number];
      const length =
        a === b || (a < b && s < 0) || (b < a && s > 1)
          ? 0
          : Math.max(0, Math.ceil((b - a) / (a > b && s === 1 ? -1 : s)));
      return [{ shape: [length], dtype: dtype as DType }];
    },
    lower: (context, { outputs, attributes }) => {
      const { shape, dtype } = required(outputs[0], 'output');
      const [start, stop, given] = [attributes.start as number, attributes.stop as number, attributes.step as number];
      const step = start > stop && given === 1 ? -1 : given;
      const values = Array.from({ length: sizeOf(shape) }, (_, i) => start + i * step);
      return [
        context.constant(
          hostTensor(dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), shape, dtype),
        ),
      ];
    },
  },
};

function splitSizes(spec: TensorSpec, numOrSizes: number | number[], axis: number): number[] {
  const length = spec.shape[axis] ?? 0;
  if (typeof numOrSizes === 'number') return Array(numOrSizes).fill(length / numOrSizes);
  const known = numOrSizes.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  return numOrSizes.map((size) => (size === -1 ? length - known : size));
}

function stridedSlice(spec: TensorSpec, attributes: Readonly<Record<string, unknown>>) {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes as {
    begin: number[];
    end: number[];
    strides: number[];
    beginMask: number;
    endMask: number;
    ellipsisMask: number;
    newAxisMask: number;
    shrinkAxisMask: number;
  };
  return tf.slice_util.sliceInfo(
    [...spec.shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
}

function filled(value: () => number): KernelDefinition {
  return {
    infer: ({ x }) => [required(x, 'x')],
    lower: (context, { outputs }) => [fill(context, required(outputs[0], 'output'), value())],
  };
}

function fill(context: LowerContext, spec: TensorSpec, value: number): string {
  if (!spec.shape.length) return context.scalar(value, spec.dtype);
  return context.op('Expand', [context.scalar(value, spec.dtype), context.int64(spec.shape)]);
}
