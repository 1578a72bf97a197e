import type { KnownGlobal } from '../pickle/known-globals.js';

/** NumPy's scalars, which learning rates and metrics in checkpoints are. A type is its name, such as `f8`. */
const scalarReaders: Readonly<Record<string, (view: DataView) => number | bigint | boolean>> = {
  f8: (view) => view.getFloat64(0, true),
  f4: (view) => view.getFloat32(0, true),
  i8: (view) => Number(view.getBigInt64(0, true)),
  i4: (view) => view.getInt32(0, true),
  i2: (view) => view.getInt16(0, true),
  i1: (view) => view.getInt8(0),
  u8: (view) => Number(view.getBigUint64(0, true)),
  u4: (view) => view.getUint32(0, true),
  u2: (view) => view.getUint16(0, true),
  u1: (view) => view.getUint8(0),
  b1: (view) => view.getUint8(0) !== 0,
};

const scalar: KnownGlobal<never> = {
  call: ([type, bytes], fail) => {
    const read = typeof type === 'string' && Object.hasOwn(scalarReaders, type) ? scalarReaders[type] : undefined;
    if (!read || !(bytes instanceof Uint8Array) || bytes.length !== Number(String(type)[1]))
      return fail(`a NumPy scalar of type ${String(type).slice(0, 40)}`);
    return read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  },
};
const dtype: KnownGlobal<never> = {
  call: ([name], fail) => (typeof name === 'string' ? name : fail('a NumPy type without a name')),
  build: (_, state, fail) => {
    const order = Array.isArray(state) ? state[1] : undefined;
    if (order !== '<' && order !== '|') fail(`NumPy values in byte order ${String(order).slice(0, 10)}`);
  },
};

/** What NumPy's scalars in a pickle need. */
export const numpyGlobals: readonly (readonly [string, KnownGlobal<never>])[] = [
  ['numpy.dtype', dtype],
  ['numpy.core.multiarray.scalar', scalar],
  ['numpy._core.multiarray.scalar', scalar],
];
