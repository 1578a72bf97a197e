import * as tf from '@tensorflow/tfjs';
import {
  composeDeformConv2d,
  composeFilterGradient,
  composeInputGradient,
  composeOffsetGradient,
  type DeformConv2dOperands,
} from './deform-conv2d-composition.js';
import type { DeformConv2dAttributes } from './deform-conv2d-geometry.js';

/** Name of the tfjs kernel. Inputs `x`, `offset`, `filter`; attributes `stride`, `padding`, `dilation`, `offsetGroups`. */
export const DEFORM_CONV2D = 'DeformConv2D';

/**
 * Registers the gradient of `DeformConv2D`, and its composition of matrix products as the kernel of a backend that has
 * none. `deformConv2d` does this for the current backend; calling it again changes nothing.
 */
export function registerDeformConv2d(backendName: string): void {
  if (!tf.getGradient(DEFORM_CONV2D)) {
    tf.registerGradient({
      kernelName: DEFORM_CONV2D,
      inputsToSave: ['x', 'offset', 'filter'],
      gradFunc: (dy, saved, attributes) => {
        const [x, offset, filter] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
        const operands: DeformConv2dOperands = { x, offset, filter };
        const given = attributes as unknown as DeformConv2dAttributes;
        const error = dy as tf.Tensor4D;
        return {
          x: () => composeInputGradient(operands, given, error),
          offset: () => composeOffsetGradient(operands, given, error),
          filter: () => composeFilterGradient(operands, given, error),
        };
      },
    });
  }
  if (tf.getKernel(DEFORM_CONV2D, backendName)) return;
  tf.registerKernel({
    kernelName: DEFORM_CONV2D,
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      composeDeformConv2d(inputs as unknown as DeformConv2dOperands, attrs as unknown as DeformConv2dAttributes),
  });
}
