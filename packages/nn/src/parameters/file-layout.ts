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

/** Elements on a side of the squares in which tensors are transposed. */
const tile = 32;

/** Axis i of the result is axis `order[i]` of the tensor. */
function transpose(tensor: HostTensor, order: readonly number[]): HostTensor {
  const shape = order.map((axis) => tensor.shape[axis] as number);
  const strides = new Array<number>(tensor.shape.length).fill(1);
  for (let axis = strides.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (tensor.shape[axis + 1] as number);
  }
  const steps = order.map((axis) => strides[axis] as number);
  const data = new (tensor.data.constructor as new (length: number) => HostTensor['data'])(tensor.data.length);
  const source = tensor.data;
  const [rows = 1, columns = 1] = shape.length > 1 ? shape.slice(-2) : [1, shape[0]];
  const [down = 0, right = 1] = shape.length > 1 ? steps.slice(-2) : [0, steps[0]];
  const planes = planeStarts(shape.slice(0, -2), steps);
  // In squares, of all planes at once: what was fetched for one element is still there for its neighbors on every side.
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(rows, top + tile);
    for (let left = 0; left < columns; left += tile) {
      const end = Math.min(columns, left + tile);
      for (let plane = 0; plane < planes.length; plane++) {
        const start = planes[plane] as number;
        for (let row = top; row < bottom; row++) {
          let from = start + row * down + left * right;
          const to = (plane * rows + row) * columns;
          for (let column = left; column < end; column++, from += right) data[to + column] = source[from] as number;
        }
      }
    }
  }
  return { shape, dtype: tensor.dtype, data };
}

/** Where each plane of the last two axes begins in the source, in the order of the result. */
function planeStarts(leading: readonly number[], steps: readonly number[]): readonly number[] {
  return leading.reduce<readonly number[]>(
    (starts, length, axis) =>
      starts.flatMap((start) => Array.from({ length }, (_, at) => start + at * (steps[axis] as number))),
    [0],
  );
}
