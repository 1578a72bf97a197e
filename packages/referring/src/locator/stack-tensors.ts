import { type HostTensor, hostTensor, type NamedHostTensors, type TensorSpec } from '@refclip/runtime';

/**
 * Several items as one batch; missing ones at the end are zeros.
 *
 * @param items  by name, without the batch axis.
 * @param specs  of the batch: what is taken of the items, and how many fit.
 */
export function stackTensors(
  items: readonly NamedHostTensors[],
  specs: Readonly<Record<string, TensorSpec>>,
): NamedHostTensors {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, dtype }]) => {
      const size = shape.slice(1).reduce((product, d) => product * d, 1);
      const data = emptyData(dtype, size * (shape[0] as number));
      items.forEach((item, at) => {
        data.set((item[name] as HostTensor).data, at * size);
      });
      return [name, hostTensor(data, shape, dtype)];
    }),
  );
}

function emptyData(dtype: TensorSpec['dtype'], size: number): HostTensor['data'] {
  if (dtype === 'float32') return new Float32Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}

/** One item of a batch, by name, without the batch axis. */
export function unstackTensors(batch: NamedHostTensors, at: number): NamedHostTensors {
  return Object.fromEntries(
    Object.entries(batch).map(([name, { data, shape, dtype }]) => {
      const inner = shape.slice(1);
      const size = inner.reduce((product, d) => product * d, 1);
      return [name, { data: data.slice(at * size, (at + 1) * size), shape: inner, dtype }];
    }),
  );
}
