import { RefclipError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { hostTensor, sizeOf } from '../host-tensor.js';
import type { TensorSpec } from '../types.js';
import { averagePoolingKernels } from './average-pooling.js';
import { filterChannelsFirst } from './filter-layout.js';
import {
  type Attributes,
  type KernelDefinition,
  type KernelFamily,
  type LowerContext,
  required,
} from './kernel-definition.js';
import {
  convInfo,
  type Pad,
  pooledSpec,
  poolInfo,
  type Rounding,
  type Shape4,
  type Size,
  toNchw,
  toNhwc,
  windowAttributes,
} from './window-geometry.js';

/** tfjs 4.22 takes the width of the result from the filter's height when the padding is a number. */
function assertWidth({
  inWidth,
  outWidth,
  padInfo,
  effectiveFilterWidth,
  strideWidth,
}: ReturnType<typeof convInfo>): void {
  const width = Math.floor((inWidth + padInfo.left + padInfo.right - effectiveFilterWidth) / strideWidth) + 1;
  if (width === outWidth) return;
  throw new RefclipError(
    'shape',
    `conv2d: tfjs says the result is ${outWidth} wide, and it is ${width}: it reads the filter as square when the padding is a number. Give the padding as "valid", "same" or pairs.`,
  );
}

/** Gradient of a convolution with respect to its input. */
const conv2dBackpropInput: KernelDefinition = {
  infer: ({ dy }, { inputShape }) => [{ shape: inputShape as number[], dtype: required(dy, 'dy').dtype }],
  lower: (context, { inputs, specs, attributes, outputs }) => {
    const filterShape = required(specs.filter, 'filter').shape;
    const shape = required(outputs[0], 'output').shape;
    const info = convInfo(shape, filterShape, attributes);
    const dy = toNchw(context, required(inputs.dy, 'dy'));
    const filter = required(inputs.filter, 'filter');
    const { top, left, bottom, right } = info.padInfo;
    const [height, width] = [
      info.dilationHeight * (info.filterHeight - 1),
      info.dilationWidth * (info.filterWidth - 1),
    ];
    const plain = info.strideHeight === 1 && info.strideWidth === 1;
    if (plain && [height - top, width - left, height - bottom, width - right].every((pad) => pad >= 0)) {
      // Stride 1: a convolution with the flipped filter, channels exchanged; cheaper than ConvTranspose.
      const exchanged = filterChannelsFirst(context, filter, filterShape, 'input gradient');
      const dx = context.op('Conv', [dy, exchanged], {
        ...windowAttributes(info),
        pads: [height - top, width - left, height - bottom, width - right],
      });
      return [toNhwc(context, dx)];
    }
    const rest = (length: number, out: number, stride: number, window: number, pads: number) =>
      length - ((out - 1) * stride + window + 1 - pads);
    const dx = context.op('ConvTranspose', [dy, filterChannelsFirst(context, filter, filterShape, 'forward')], {
      ...windowAttributes(info),
      output_padding: [
        rest(info.inHeight, info.outHeight, info.strideHeight, height, top + bottom),
        rest(info.inWidth, info.outWidth, info.strideWidth, width, left + right),
      ],
    });
    return [toNhwc(context, dx)];
  },
};

/** Gradient of a convolution with respect to its filter: one matrix product per tap. */
const conv2dBackpropFilter: KernelDefinition = {
  infer: ({ dy }, { filterShape }) => [{ shape: filterShape as number[], dtype: required(dy, 'dy').dtype }],
  lower: (context, { inputs, specs, attributes }) => {
    const filterShape = attributes.filterShape as number[];
    const x = required(specs.x, 'x').shape;
    const dyShape = required(specs.dy, 'dy').shape;
    const info = convInfo(x, filterShape, attributes);
    const channels = x[3] ?? 1;
    const rows = sizeOf(dyShape.slice(0, 3));
    const dy = context.op('Reshape', [required(inputs.dy, 'dy'), context.int64([rows, dyShape[3] ?? 1])]);
    const { top, left, bottom, right } = info.padInfo;
    let image = required(inputs.x, 'x');
    if (top || left || bottom || right) {
      image = context.op('Pad', [image, context.int64([0, top, left, 0, 0, bottom, right, 0])]);
    }
    const taps: string[] = [];
    for (let row = 0; row < info.filterHeight; row++) {
      for (let column = 0; column < info.filterWidth; column++) {
        const [y, z] = [row * info.dilationHeight, column * info.dilationWidth];
        const ends = [y + (info.outHeight - 1) * info.strideHeight + 1, z + (info.outWidth - 1) * info.strideWidth + 1];
        const strides = context.int64([info.strideHeight, info.strideWidth]);
        const whole = info.filterHeight * info.filterWidth === 1 && info.strideHeight * info.strideWidth === 1;
        const window = whole
          ? image
          : context.op('Slice', [image, context.int64([y, z]), context.int64(ends), context.int64([1, 2]), strides]);
        const matrix = context.op('Reshape', [window, context.int64([rows, channels])]);
        taps.push(context.op('Gemm', [matrix, dy], { transA: 1 }));
      }
    }
    const stacked = taps.length > 1 ? context.op('Concat', taps, { axis: 0 }) : required(taps[0], 'a tap');
    return [context.op('Reshape', [stacked, context.int64(filterShape)])];
  },
};

const resizeInfer: KernelDefinition['infer'] = ({ images }, { size }) => {
  const { shape } = required(images, 'images');
  const [height, width] = size as [number, number];
  return [{ shape: [shape[0] ?? 0, height, width, shape[3] ?? 0], dtype: 'float32' }];
};

/**
 * A resize as two matrix products, rows then columns: exact for every convention of tfjs, and its transpose is the gradient.
 *
 * @param weights `[out, in]` for height and width.
 */
function resizeByMatrices(
  context: LowerContext,
  value: string,
  weights: readonly [Matrix, Matrix],
  transposed: boolean,
): string {
  const [height, width] = weights.map(({ data, rows, columns }) => {
    const matrix = context.constant(hostTensor(data, [rows, columns]));
    return transposed ? context.transpose(matrix, [1, 0]) : matrix;
  }) as [string, string];
  // [N, C, H, W]: rows from the left, columns from the right.
  const channelsFirst = toNchw(context, value);
  const tall = context.op('MatMul', [height, channelsFirst]);
  return toNhwc(context, context.op('MatMul', [tall, context.transpose(width, [1, 0])]));
}

interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

interface ResizeConvention {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

const resizeScale = (from: number, to: number, alignCorners: boolean) =>
  alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;

function bilinearMatrix(from: number, to: number, { alignCorners, halfPixelCenters }: ResizeConvention): Matrix {
  const data = new Float32Array(to * from);
  const scale = resizeScale(from, to, alignCorners);
  for (let i = 0; i < to; i++) {
    const position = halfPixelCenters ? (i + 0.5) * scale - 0.5 : i * scale;
    const low = Math.max(0, Math.floor(position));
    const high = Math.min(from - 1, Math.ceil(position));
    const fraction = position - low;
    data[i * from + low] = (data[i * from + low] ?? 0) + (1 - fraction);
    data[i * from + high] = (data[i * from + high] ?? 0) + fraction;
  }
  return { data, rows: to, columns: from };
}

function nearestMatrix(from: number, to: number, { alignCorners, halfPixelCenters }: ResizeConvention): Matrix {
  const data = new Float32Array(to * from);
  const scale = resizeScale(from, to, alignCorners);
  for (let i = 0; i < to; i++) {
    const position = halfPixelCenters ? (i + 0.5) * scale : i * scale;
    const nearest = Math.min(from - 1, alignCorners ? Math.round(position) : Math.floor(position));
    data[i * from + Math.max(0, nearest)] = 1;
  }
  return { data, rows: to, columns: from };
}

function resizing(matrix: (from: number, to: number, convention: ResizeConvention) => Matrix): KernelDefinition {
  return {
    infer: resizeInfer,
    lower: (context, { inputs, specs, attributes }) => {
      const [, height = 0, width = 0] = required(specs.images, 'images').shape;
      const [newHeight, newWidth] = attributes.size as [number, number];
      const convention = attributes as unknown as ResizeConvention;
      const weights = [matrix(height, newHeight, convention), matrix(width, newWidth, convention)] as const;
      return [resizeByMatrices(context, required(inputs.images, 'images'), weights, false)];
    },
  };
}

function resizingGradient(
  matrix: (from: number, to: number, convention: ResizeConvention) => Matrix,
): KernelDefinition {
  return {
    infer: ({ images }) => [required(images, 'images')],
    lower: (context, { inputs, specs, attributes }) => {
      const [, height = 0, width = 0] = required(specs.images, 'images').shape;
      const [, newHeight = 0, newWidth = 0] = required(specs.dy, 'dy').shape;
      const convention = attributes as unknown as ResizeConvention;
      const weights = [matrix(height, newHeight, convention), matrix(width, newWidth, convention)] as const;
      return [resizeByMatrices(context, required(inputs.dy, 'dy'), weights, true)];
    },
  };
}

const nearest = resizing(nearestMatrix);

/** Kernels over maps `[batch, height, width, channels]`. ONNX wants channels first; {@link LowerContext.transpose} drops the pairs that meet. */
export const imageKernels: KernelFamily = {
  Conv2D: {
    infer: ({ x, filter }, attributes) => [
      {
        shape: convInfo(required(x, 'x').shape, required(filter, 'filter').shape, attributes).outShape,
        dtype: 'float32',
      },
    ],
    lower: (context, { inputs, specs, attributes }) => {
      const info = convInfo(required(specs.x, 'x').shape, required(specs.filter, 'filter').shape, attributes);
      assertWidth(info);
      const { shape } = required(specs.filter, 'filter');
      const filter = filterChannelsFirst(context, required(inputs.filter, 'filter'), shape, 'forward');
      const y = context.op('Conv', [toNchw(context, required(inputs.x, 'x')), filter], windowAttributes(info));
      return [toNhwc(context, y)];
    },
  },
  Conv2DBackpropInput: conv2dBackpropInput,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  DepthwiseConv2dNative: {
    infer: ({ x, filter }, attributes) => [
      { shape: depthwiseInfo(required(x, 'x'), required(filter, 'filter'), attributes).outShape, dtype: 'float32' },
    ],
    lower: (context, { inputs, specs, attributes }) => {
      const filterSpec = required(specs.filter, 'filter');
      const info = depthwiseInfo(required(specs.x, 'x'), filterSpec, attributes);
      const [height = 1, width = 1, channels = 1, multiplier = 1] = filterSpec.shape;
      const moved = context.transpose(required(inputs.filter, 'filter'), [2, 3, 0, 1]);
      const filter = context.op('Reshape', [moved, context.int64([channels * multiplier, 1, height, width])]);
      const y = context.op('Conv', [toNchw(context, required(inputs.x, 'x')), filter], {
        ...windowAttributes(info),
        group: channels,
      });
      return [toNhwc(context, y)];
    },
  },
  MaxPool: {
    infer: ({ x }, attributes) => pooledSpec(required(x, 'x'), attributes),
    lower: (context, { inputs, specs, attributes }) => {
      const info = poolInfo(required(specs.x, 'x').shape, attributes);
      return [
        toNhwc(context, context.op('MaxPool', [toNchw(context, required(inputs.x, 'x'))], windowAttributes(info))),
      ];
    },
  },
  MaxPoolGrad: {
    infer: ({ input }) => [required(input, 'input')],
    lower: (context, { inputs, specs, attributes }) => {
      const shape = required(specs.input, 'input').shape;
      const info = poolInfo(shape, attributes);
      const [batch = 1, height = 1, width = 1, channels = 1] = shape;
      // ONNX gives each maximum's place in the flattened map, the first one where several are equal.
      const [, places] = context.ops(
        'MaxPool',
        [toNchw(context, required(inputs.input, 'input'))],
        windowAttributes(info),
        2,
      );
      const total = sizeOf(info.outShape);
      const zeros = context.op('Expand', [context.scalar(0, 'float32'), context.int64([sizeOf(shape)])]);
      const flat = (value: string) => context.op('Reshape', [value, context.int64([total])]);
      const dx = context.op(
        'ScatterElements',
        [zeros, flat(required(places, 'indices')), flat(toNchw(context, required(inputs.dy, 'dy')))],
        {
          axis: 0,
          reduction: 'add',
        },
      );
      return [toNhwc(context, context.op('Reshape', [dx, context.int64([batch, channels, height, width])]))];
    },
  },
  ...averagePoolingKernels,
  ResizeNearestNeighbor: {
    infer: resizeInfer,
    lower: (context, node) => {
      const [, height = 1, width = 1] = required(node.specs.images, 'images').shape;
      const [newHeight, newWidth] = node.attributes.size as [number, number];
      const { alignCorners, halfPixelCenters } = node.attributes as unknown as ResizeConvention;
      if (alignCorners || halfPixelCenters || newHeight % height || newWidth % width)
        return nearest.lower(context, node);
      const scales = context.constant(hostTensor(Float32Array.of(1, 1, newHeight / height, newWidth / width), [4]));
      const y = context.op('Resize', [toNchw(context, required(node.inputs.images, 'images')), '', scales], {
        mode: 'nearest',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      });
      return [toNhwc(context, y)];
    },
  },
  ResizeNearestNeighborGrad: resizingGradient(nearestMatrix),
  ResizeBilinear: resizing(bilinearMatrix),
  ResizeBilinearGrad: resizingGradient(bilinearMatrix),
};

function depthwiseInfo(x: TensorSpec, filter: TensorSpec, attributes: Attributes) {
  return tf.backend_util.computeConv2DInfo(
    [...x.shape] as Shape4,
    [...filter.shape] as Shape4,
    attributes.strides as Size,
    (attributes.dilations as Size | undefined) ?? 1,
    attributes.pad as Pad,
    attributes.dimRoundingMode as Rounding,
    true,
  );
}
