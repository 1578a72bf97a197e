import * as tf from '@tensorflow/tfjs';
import { borrowed, composedKernel } from './composed-kernel.js';

type Inputs = Readonly<Record<string, tf.Tensor>>;
type Attributes = Readonly<Record<string, unknown>>;
type Original = (inputs: Inputs, attributes: Attributes) => tf.Tensor;

/**
 * Kernels that tfjs-backend-wasm 4.22 gets wrong for some types, each with the condition and a composition that is right:
 * it reads flags as 32-bit numbers (out of bounds), keeps the low byte when it casts to bool, and writes integer bits into a float one-hot.
 */
const repairs: Readonly<
  Record<
    string,
    {
      readonly wrong: (inputs: Inputs, attributes: Attributes) => boolean;
      readonly compose: (inputs: Inputs, attributes: Attributes, original: Original) => tf.Tensor;
    }
  >
> = {
  Select: {
    wrong: ({ t }) => t?.dtype === 'bool',
    compose: ({ condition, t, e }) => {
      const [yes, no] = [tf.cast(t as tf.Tensor, 'int32'), tf.cast(e as tf.Tensor, 'int32')];
      return tf.cast(tf.where(condition as tf.Tensor, yes, no), 'bool');
    },
  },
  Cast: {
    wrong: ({ x }, { dtype }) => dtype === 'bool' && x?.dtype !== 'bool',
    compose: ({ x }) => tf.notEqual(x as tf.Tensor, tf.zerosLike(x as tf.Tensor)),
  },
  OneHot: {
    wrong: (_inputs, { dtype }) => dtype !== 'int32',
    compose: (inputs, attributes, original) =>
      tf.cast(original(inputs, { ...attributes, dtype: 'int32' }), attributes.dtype as tf.DataType),
  },
};

let isRepaired = false;

/** Replaces the wrong kernels of tfjs's wasm backend. Safe to call again. */
export function repairWasmKernels(): void {
  if (isRepaired) return;
  isRepaired = true;
  const backendName = 'wasm';
  for (const [kernelName, { wrong, compose }] of Object.entries(repairs)) {
    const original = tf.getKernel(kernelName, backendName);
    if (!original) continue;
    const run = original.kernelFunc;
    const repaired = composedKernel((inputs, attributes) =>
      compose(inputs, attributes, (given, settings) => {
        const info = run({ inputs: given, attrs: settings as tf.NamedAttrMap, backend: tf.backend() });
        return borrowed(info as tf.TensorInfo, false);
      }),
    );
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      ...original,
      kernelFunc: (call) =>
        wrong(call.inputs as Inputs, (call.attrs ?? {}) as Attributes) ? repaired(call) : run(call),
    });
  }
}
