import { hostTensor } from '../host-tensor.js';
import { channelsFirst } from '../passes/place-channels-first.js';
import { type KernelFamily, type LowerContext, required } from './kernel-definition.js';
import { pooledSpec, poolInfo, toNchw, toNhwc, type WindowInfo, windowAttributes } from './window-geometry.js';

/** Average pooling and its gradient. Windows that tile the map need no window operator, and no transposes where maps are channels last. */
export const averagePoolingKernels: KernelFamily = {
  AvgPool: {
    infer: ({ x }, attributes) => pooledSpec(required(x, 'x'), attributes),
    lower: (context, { inputs, specs, attributes, outputs }) => {
      const info = poolInfo(required(specs.x, 'x').shape, attributes);
      const x = required(inputs.x, 'x');
      const isFirst = attributes.layout === channelsFirst.layout;
      if (!isFirst && isTiled(info)) {
        const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels } = info;
        const meanOf = (value: string, rows: number, window: number, rest: number) => {
          const split = context.op('Reshape', [value, context.int64([rows, window, rest])]);
          return context.op('ReduceMean', [split, context.int64([1])], { keepdims: 0 });
        };
        const flat = meanOf(x, batchSize * outHeight, filterHeight, outWidth * filterWidth * inChannels);
        const y = meanOf(flat, batchSize * outHeight * outWidth, filterWidth, inChannels);
        return [context.op('Reshape', [y, context.int64(required(outputs[0], 'output').shape)])];
      }
      const { dilations: _, ...window } = windowAttributes(info);
      return [toNhwc(context, context.op('AveragePool', [toNchw(context, x)], window))];
    },
  },
  AvgPoolGrad: {
    infer: ({ input }) => [required(input, 'input')],
    lower: (context, { inputs, specs, attributes }) => {
      const shape = required(specs.input, 'input').shape;
      const info = poolInfo(shape, attributes);
      const dy = required(inputs.dy, 'dy');
      if (!isTiled(info)) return [averagePoolGradient(context, toNchw(context, dy), info, shape)];
      // Each gradient is spread over its window.
      const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels } = info;
      const share = context.op('Mul', [dy, context.scalar(1 / (filterHeight * filterWidth), 'float32')]);
      const single = context.int64([batchSize, outHeight, 1, outWidth, 1, inChannels]);
      const spread = context.int64([batchSize, outHeight, filterHeight, outWidth, filterWidth, inChannels]);
      const whole = context.op('Expand', [context.op('Reshape', [share, single]), spread]);
      return [context.op('Reshape', [whole, context.int64(shape)])];
    },
  },
};

/** Whether windows neither overlap nor leave anything out. */
function isTiled(info: WindowInfo): boolean {
  const { top, left, bottom, right } = info.padInfo;
  return (
    info.strideHeight === info.filterHeight &&
    info.strideWidth === info.filterWidth &&
    !(top || left || bottom || right) &&
    info.outHeight * info.filterHeight === info.inHeight &&
    info.outWidth * info.filterWidth === info.inWidth &&
    info.outHeight * info.outWidth * info.batchSize * info.inChannels > 0
  );
}

/** The general case: each gradient divided by its window's number of real elements, then summed by a transposed convolution with ones. */
function averagePoolGradient(
  context: LowerContext,
  dy: string,
  info: ReturnType<typeof poolInfo>,
  shape: readonly number[],
): string {
  const { top, left, bottom, right } = info.padInfo;
  const counts = new Float32Array(info.outHeight * info.outWidth);
  const covered = (position: number, stride: number, pad: number, window: number, length: number) =>
    Math.min(length, position * stride - pad + window) - Math.max(0, position * stride - pad);
  for (let row = 0; row < info.outHeight; row++) {
    for (let column = 0; column < info.outWidth; column++) {
      counts[row * info.outWidth + column] =
        covered(row, info.strideHeight, top, info.filterHeight, info.inHeight) *
        covered(column, info.strideWidth, left, info.filterWidth, info.inWidth);
    }
  }
  const shares = context.op('Div', [dy, context.constant(hostTensor(counts, [1, 1, info.outHeight, info.outWidth]))]);
  const channels = shape[3] ?? 1;
  const ones = hostTensor(new Float32Array(channels * info.filterHeight * info.filterWidth).fill(1), [
    channels,
    1,
    info.filterHeight,
    info.filterWidth,
  ]);
  const rest = (length: number, out: number, stride: number, window: number, pads: number) =>
    length - ((out - 1) * stride + window - pads);
  const dx = context.op('ConvTranspose', [shares, context.constant(ones)], {
    ...windowAttributes(info),
    group: channels,
    output_padding: [
      rest(info.inHeight, info.outHeight, info.strideHeight, info.filterHeight, top + bottom),
      rest(info.inWidth, info.outWidth, info.strideWidth, info.filterWidth, left + right),
    ],
  });
  return toNhwc(context, dx);
}
