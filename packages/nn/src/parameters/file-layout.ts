import type { HostTensor } from '@refclip/runtime';
import type { ParameterLayout, ParameterSpec } from './parameter-spec.js';

/** For each layout, which memory axis each file axis is: `OIHW` from `HWIO`, `[out, in]` from `[in, out]`. */
const fileFromMemory: Readonly<Record<ParameterLayout, readonly number[] | null>> = {
  plain: null,
  conv: [3, 2, 0, 1],
  linear: [1, 0],
};

/** The shape that a parameter has in files. */
export function fileShape(spec: Pick<ParameterSpec, 'layout' | 'shape'>): readonly number[] {
  const order = fileFromMemory[spec.layout];
  return order ? order.map((axis) => spec.shape[axis] as number) : spec.shape;
}

/** A tensor in the memory layout (`HWIO`, `[in, out]`), as PyTorch's files hold it (`OIHW`, `[out, in]`). */
export function toFileLayout(spec: Pick<ParameterSpec, 'layout'>, tensor: HostTensor): HostTensor {
  const order = fileFromMemory[spec.layout];
  return order ? transpose(tensor, order) : tensor;
}

/** A tensor in the layout of PyTorch's files (`OIHW`, `[out, in]`), in the memory layout (`HWIO`, `[in, out]`). */
export function fromFileLayout(spec: Pick<ParameterSpec, 'layout'>, tensor: HostTensor): HostTensor {
  const order = fileFromMemory[spec.layout];
  return order ? transpose(tensor, invert(order)) : tensor;
}

function invert(order: readonly number[]): number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

/** Axis i of the result is axis `order[i]` of the tensor. */
function transpose(tensor: HostTensor, order: readonly number[]): HostTensor {
  const shape = order.map((axis) => tensor.shape[axis] as number);
  const strides = new Array<number>(tensor.shape.length).fill(1);
  for (let axis = strides.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (tensor.shape[axis + 1] as number);
  }
  const steps = order.map((axis) => strides[axis] as number);
  const data = new (tensor.data.constructor as new (length: number) => HostTensor['data'])(tensor.data.length);
  let next = 0;
  const walk = (axis: number, from: number): void => {
    const step = steps[axis] as number;
    const end = from + step * (shape[axis] as number);
    if (axis === shape.length - 1) {
      for (let at = from; at < end; at += step) data[next++] = tensor.data[at] as number;
    } else {
      for (let at = from; at < end; at += step) walk(axis + 1, at);
    }
  };
  if (data.length > 0) walk(0, 0);
  return { shape, dtype: tensor.dtype, data };
}
