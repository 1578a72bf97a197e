import * as tf from '@tensorflow/tfjs';
import {
  composeDeformConv2d,
  composeFilterGradient,
  composeInputGradient,
  composeOffsetGradient,
  type DeformConv2dOperands,
} from './deform-conv2d-composition.js';
import type { DeformConv2dAttributes } from './deform-conv2d-geometry.js';
import type { DeformConv2dSampler } from './deform-conv2d-sampler.js';
import { sampleInLoops } from './sample-in-loops.js';
import { sampledDeformConv2d } from './sampled-deform-conv2d.js';

/** Name of the tfjs kernel. Inputs `x`, `offset`, `filter`; attributes `stride`, `padding`, `dilation`, `offsetGroups`. */
export const DEFORM_CONV2D = 'DeformConv2D';

/** Backends that keep tensors in the processor's memory: there, plain loops take the samples in a fraction of the time of matrix products, and no other sampler is surely faster (bench/deform-conv2d.ts). */
const hostBackends: ReadonlySet<string> = new Set(['cpu', 'wasm']);

/**
 * Registers the gradient of `DeformConv2D` and its kernel for a backend. `deformConv2d` does this for the current backend; calling it again changes nothing.
 *
 * The kernel takes its samples in plain loops on `cpu` and `wasm`, and is a composition of matrix products on any other backend. The gradient is a composition on all.
 *
 * @param options.sampler  takes the samples instead, and replaces the kernel of the backend: `(await createGpuJsSampler({ mode: 'webasm' })).sample`.
 * For backends whose tensors can be read at once. `'composition'` takes none: matrix products alone.
 */
export function registerDeformConv2d(
  backendName: string,
  { sampler }: { readonly sampler?: DeformConv2dSampler | 'composition' } = {},
): void {
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
  const isRegistered = tf.getKernel(DEFORM_CONV2D, backendName) !== undefined;
  if (isRegistered && !sampler) return;
  if (isRegistered) tf.unregisterKernel(DEFORM_CONV2D, backendName);
  const chosen = sampler ?? (hostBackends.has(backendName) ? sampleInLoops : 'composition');
  tf.registerKernel({
    kernelName: DEFORM_CONV2D,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const operands = inputs as unknown as DeformConv2dOperands;
      const attributes = attrs as unknown as DeformConv2dAttributes;
      return chosen === 'composition'
        ? composeDeformConv2d(operands, attributes)
        : sampledDeformConv2d(operands, attributes, chosen);
    },
  });
}
