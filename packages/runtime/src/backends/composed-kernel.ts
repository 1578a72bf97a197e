import * as tf from '@tensorflow/tfjs';

/** Makes a kernel out of tfjs operations on its inputs. */
export function composedKernel(
  compose: (inputs: Readonly<Record<string, tf.Tensor>>, attributes: Readonly<Record<string, unknown>>) => tf.Tensor,
): tf.KernelConfig['kernelFunc'] {
  return ({ inputs, attrs }) =>
    tf.tidy(() => {
      const wrapped = Object.entries(inputs as Record<string, tf.TensorInfo>).map(
        ([name, info]) => [name, borrowed(info, true)] as const,
      );
      return compose(Object.fromEntries(wrapped), (attrs ?? {}) as Record<string, unknown>);
    });
}

/** A tensor over a kernel's data. With `shared`, its disposal leaves the data to the owner. */
export function borrowed(info: tf.TensorInfo, shared: boolean): tf.Tensor {
  const engine = tf.engine();
  if (shared) engine.backend.incRef(info.dataId);
  return engine.makeTensorFromTensorInfo(info);
}
