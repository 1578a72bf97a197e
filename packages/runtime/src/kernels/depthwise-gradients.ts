import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../host-tensor.js';
import { type Attributes, type KernelFamily, required } from './kernel-definition.js';

function geometry(x: readonly number[], filter: readonly number[], attributes: Attributes) {
  return tf.backend_util.computeConv2DInfo(
    [...x] as [number, number, number, number],
    [...filter] as [number, number, number, number],
    attributes.strides as [number, number],
    (attributes.dilations as [number, number] | undefined) ?? 1,
    attributes.pad as 'same' | 'valid' | number,
    attributes.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
    true,
  );
}

/** Gradients of the depthwise convolution; maps `[N, H, W, C]`, filter `[h, w, C, M]`, channel `c·M + m` of the output from channel c. */
export const depthwiseGradientKernels: KernelFamily = {
  DepthwiseConv2dNativeBackpropInput: {
    infer: ({ dy }, { inputShape }) => [{ shape: inputShape as number[], dtype: required(dy, 'dy').dtype }],
    lower: (context, { inputs, specs, attributes, outputs }) => {
      const filterShape = required(specs.filter, 'filter').shape;
      const [height = 1, width = 1, channels = 1, multiplier = 1] = filterShape;
      const info = geometry(required(outputs[0], 'output').shape, filterShape, attributes);
      const { top, left, bottom, right } = info.padInfo;
      const rest = (length: number, out: number, stride: number, window: number, pads: number) =>
        length - ((out - 1) * stride + window - pads);
      const moved = context.transpose(required(inputs.filter, 'filter'), [2, 3, 0, 1]);
      const filter = context.op('Reshape', [moved, context.int64([channels * multiplier, 1, height, width])]);
      const dx = context.op('ConvTranspose', [context.transpose(required(inputs.dy, 'dy'), [0, 3, 1, 2]), filter], {
        group: channels,
        strides: [info.strideHeight, info.strideWidth],
        dilations: [info.dilationHeight, info.dilationWidth],
        kernel_shape: [height, width],
        pads: [top, left, bottom, right],
        output_padding: [
          rest(info.inHeight, info.outHeight, info.strideHeight, info.effectiveFilterHeight, top + bottom),
          rest(info.inWidth, info.outWidth, info.strideWidth, info.effectiveFilterWidth, left + right),
        ],
      });
      return [context.transpose(dx, [0, 2, 3, 1])];
    },
  },
  DepthwiseConv2dNativeBackpropFilter: {
    infer: ({ dy }, { filterShape }) => [{ shape: filterShape as number[], dtype: required(dy, 'dy').dtype }],
    lower: (context, { inputs, specs, attributes }) => {
      const filterShape = attributes.filterShape as number[];
      const [height = 1, width = 1, channels = 1, multiplier = 1] = filterShape;
      const info = geometry(required(specs.x, 'x').shape, filterShape, attributes);
      const rows = sizeOf(required(specs.dy, 'dy').shape.slice(0, 3));
      const { top, left, bottom, right } = info.padInfo;
      const image = context.op('Pad', [required(inputs.x, 'x'), context.int64([0, top, left, 0, 0, bottom, right, 0])]);
      const dy = context.op('Reshape', [required(inputs.dy, 'dy'), context.int64([rows, channels, multiplier])]);
      const taps: string[] = [];
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const [y, z] = [row * info.dilationHeight, column * info.dilationWidth];
          const window = context.op('Slice', [
            image,
            context.int64([y, z]),
            context.int64([
              y + (info.outHeight - 1) * info.strideHeight + 1,
              z + (info.outWidth - 1) * info.strideWidth + 1,
            ]),
            context.int64([1, 2]),
            context.int64([info.strideHeight, info.strideWidth]),
          ]);
          const factors = context.op('Reshape', [window, context.int64([rows, channels, 1])]);
          taps.push(context.op('ReduceSum', [context.op('Mul', [factors, dy]), context.int64([0])], { keepdims: 1 }));
        }
      }
      const stacked = taps.length > 1 ? context.op('Concat', taps, { axis: 0 }) : required(taps[0], 'a tap');
      return [context.op('Reshape', [stacked, context.int64(filterShape)])];
    },
  },
};
