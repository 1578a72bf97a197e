import type { CustomLowering, TensorSpec } from '@refclip/runtime';
import { type DeformConv2dAttributes, deformConv2dOutputSize } from './deform-conv2d-geometry.js';
import { DEFORM_CONV2D } from './register-deform-conv2d.js';

const toNchw = [0, 3, 1, 2];
const toNhwc = [0, 2, 3, 1];

/** Compiles `DeformConv2D` to ONNX's `DeformConv` (operator set 19). Give it to `createEngine({ lowerings })`. */
export const deformConv2dLowering: CustomLowering = {
  kernelName: DEFORM_CONV2D,
  infer(inputs, attributes) {
    const { x, filter } = inputs as Record<'x' | 'offset' | 'filter', TensorSpec>;
    const { height, width } = deformConv2dOutputSize(
      x.shape,
      filter.shape,
      attributes as unknown as DeformConv2dAttributes,
    );
    return [{ shape: [x.shape[0] as number, height, width, filter.shape[3] as number], dtype: 'float32' }];
  },
  lower(context, { inputs, specs, attributes }) {
    const { x, offset, filter } = inputs as Record<'x' | 'offset' | 'filter', string>;
    const shapes = specs as Record<'x' | 'filter', TensorSpec>;
    const { stride, padding, dilation, offsetGroups } = attributes as unknown as DeformConv2dAttributes;
    const [kernelHeight, kernelWidth, inputsPerGroup] = shapes.filter.shape as [number, number, number];
    const operands = [
      context.transpose(x, toNchw),
      context.transpose(filter, [3, 2, 0, 1]),
      context.transpose(offset, toNchw),
    ];
    const y = context.op('DeformConv', operands, {
      kernel_shape: [kernelHeight, kernelWidth],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      dilations: [dilation, dilation],
      offset_group: offsetGroups,
      group: (shapes.x.shape[3] as number) / inputsPerGroup,
    });
    return [context.transpose(y, toNhwc)];
  },
};
