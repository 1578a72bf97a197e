import * as tf from '@tensorflow/tfjs';
import { hostTensor, sizeOf } from '../host-tensor.js';
import type { TensorSpec } from '../types.js';
import { type KernelFamily, type LowerContext, required } from './kernel-definition.js';

const inputX = (inputs: Readonly<Record<string, TensorSpec>>) => required(inputs.x, 'x');

function depthToSpaceShape({ shape }: TensorSpec, block: number): number[] {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  return [batch, height * block, width * block, channels / (block * block)];
}

function batchToSpace({ shape }: TensorSpec, { blockShape, crops }: { blockShape: number[]; crops: number[][] }) {
  const product = sizeOf(blockShape);
  const reshaped = tf.backend_util.getReshaped([...shape], blockShape, product);
  const permutation = tf.backend_util.getPermuted(reshaped.length, blockShape.length);
  const joined = tf.backend_util.getReshapedPermuted([...shape], blockShape, product);
  const begin = tf.backend_util.getSliceBeginCoords(crops, blockShape.length);
  const cropped = tf.backend_util.getSliceSize(joined, crops, blockShape.length);
  const size = joined.map((d, axis) => cropped[axis] ?? d);
  return { reshaped, permutation, joined, begin, size };
}

function spaceToBatch({ shape }: TensorSpec, { blockShape, paddings }: { blockShape: number[]; paddings: number[][] }) {
  const product = sizeOf(blockShape);
  const pads = shape.map((_, axis) => paddings[axis - 1] ?? [0, 0]);
  const padded = shape.map((d, axis) => d + (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0));
  const reshaped = tf.backend_util.getReshaped(padded, blockShape, product, false);
  const permutation = tf.backend_util.getPermuted(reshaped.length, blockShape.length, false);
  return {
    pads,
    reshaped,
    permutation,
    result: tf.backend_util.getReshapedPermuted(padded, blockShape, product, false),
  };
}

const reshape = (context: LowerContext, value: string, shape: readonly number[]) =>
  context.op('Reshape', [value, context.int64(shape)], { allowzero: 1 });

/** Which element each place of a mirrored axis shows. */
function mirrored(length: number, [before, after]: readonly [number, number], mode: unknown): Int32Array {
  // `reflect` leaves the border out of the mirror image, `symmetric` repeats it.
  const shift = mode === 'reflect' ? 0 : 1;
  return Int32Array.from({ length: before + length + after }, (_, i) => {
    const position = i - before;
    if (position < 0) return -position - shift;
    return position < length ? position : 2 * (length - 1) - position + shift;
  });
}

/** Kernels that fold axes into each other, mirror, or spread a vector over a diagonal. */
export const blockKernels: KernelFamily = {
  DepthToSpace: {
    infer: (inputs, { blockSize }) => [
      { shape: depthToSpaceShape(inputX(inputs), blockSize as number), dtype: inputX(inputs).dtype },
    ],
    lower: (context, { inputs, specs, attributes, outputs }) => {
      const [batch = 0, height = 0, width = 0, channels = 0] = inputX(specs).shape;
      const block = attributes.blockSize as number;
      const parts = [batch, height, width, block, block, channels / (block * block)];
      const split = reshape(context, required(inputs.x, 'x'), parts);
      return [reshape(context, context.transpose(split, [0, 1, 3, 2, 4, 5]), required(outputs[0], 'output').shape)];
    },
  },
  BatchToSpaceND: {
    infer: (inputs, attributes) => {
      const { size } = batchToSpace(inputX(inputs), attributes as { blockShape: number[]; crops: number[][] });
      return [{ shape: size, dtype: inputX(inputs).dtype }];
    },
    lower: (context, { inputs, specs, attributes }) => {
      const geometry = batchToSpace(inputX(specs), attributes as { blockShape: number[]; crops: number[][] });
      const split = reshape(context, required(inputs.x, 'x'), geometry.reshaped);
      const joined = reshape(context, context.transpose(split, geometry.permutation), geometry.joined);
      const begin = geometry.joined.map((_, axis) => geometry.begin[axis] ?? 0);
      const end = begin.map((start, axis) => start + (geometry.size[axis] ?? 0));
      const axes = begin.map((_, axis) => axis);
      return [context.op('Slice', [joined, context.int64(begin), context.int64(end), context.int64(axes)])];
    },
  },
  SpaceToBatchND: {
    infer: (inputs, attributes) => {
      const { result } = spaceToBatch(inputX(inputs), attributes as { blockShape: number[]; paddings: number[][] });
      return [{ shape: result, dtype: inputX(inputs).dtype }];
    },
    lower: (context, { inputs, specs, attributes }) => {
      const geometry = spaceToBatch(inputX(specs), attributes as { blockShape: number[]; paddings: number[][] });
      const pads = [...geometry.pads.map(([before = 0]) => before), ...geometry.pads.map(([, after = 0]) => after)];
      const padded = context.op('Pad', [required(inputs.x, 'x'), context.int64(pads)]);
      const split = reshape(context, padded, geometry.reshaped);
      return [reshape(context, context.transpose(split, geometry.permutation), geometry.result)];
    },
  },
  MirrorPad: {
    infer: (inputs, { paddings }) => {
      const { shape, dtype } = inputX(inputs);
      const pads = paddings as [number, number][];
      return [{ shape: shape.map((d, axis) => d + (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0)), dtype }];
    },
    lower: (context, { inputs, specs, attributes }) => {
      const pads = attributes.paddings as [number, number][];
      const result = inputX(specs).shape.reduce(
        (value, length, axis) => {
          const [before, after] = pads[axis] ?? [0, 0];
          if (!before && !after) return value;
          const places = mirrored(length, [before, after], attributes.mode);
          return context.op('Gather', [value, context.constant(hostTensor(places, [places.length]))], { axis });
        },
        required(inputs.x, 'x'),
      );
      return [result];
    },
  },
  Diag: {
    infer: (inputs) => [{ shape: [...inputX(inputs).shape, ...inputX(inputs).shape], dtype: inputX(inputs).dtype }],
    lower: (context, { inputs, specs, outputs }) => {
      const { shape, dtype } = inputX(specs);
      const size = sizeOf(shape);
      const eye = new Uint8Array(size * size);
      for (let i = 0; i < size; i++) eye[i * (size + 1)] = 1;
      const onDiagonal = context.constant(hostTensor(eye, [size, size], 'bool'));
      const row = reshape(context, required(inputs.x, 'x'), [1, size]);
      const matrix = context.op('Where', [onDiagonal, row, context.scalar(0, dtype)]);
      return [reshape(context, matrix, required(outputs[0], 'output').shape)];
    },
  },
  FlipLeftRight: {
    infer: ({ image }) => [required(image, 'image')],
    lower: (context, { inputs }) => {
      const last = context.int64([-1]);
      const beforeFirst = context.int64([Number.MIN_SAFE_INTEGER]);
      return [context.op('Slice', [required(inputs.image, 'image'), last, beforeFirst, context.int64([2]), last])];
    },
  },
  LinSpace: {
    infer: (_inputs, { num }) => [{ shape: [num as number], dtype: 'float32' }],
    lower: (context, { attributes }) => {
      const [start, stop, count] = [attributes.start as number, attributes.stop as number, attributes.num as number];
      const step = count > 1 ? (stop - start) / (count - 1) : 0;
      const values = Float32Array.from({ length: count }, (_, i) => start + i * step);
      return [context.constant(hostTensor(values, [count]))];
    },
  },
};
