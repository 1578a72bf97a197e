import { assertFits, type FormatTensor, rawBytes } from '../tensors/format-tensor.js';
import { npyTypes } from './npy-layout.js';

const names = new Map(Object.entries(npyTypes).map(([name, dtype]) => [dtype, name]));

/**
 * Writes a tensor as a `.npy` file of version 1, in pieces: the header, then the elements, which are not copied.
 *
 * @throws {TypeError} when the data does not fit the shape, and for BF16, which NumPy lacks.
 */
export function encodeNpy(tensor: FormatTensor): Uint8Array[] {
  assertFits(tensor);
  const { dtype, shape, data } = tensor;
  const type = names.get(dtype);
  if (!type) throw new TypeError(`NumPy has no type ${dtype}; convert the tensor to F32 first`);
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Magic, version, length and header together take a multiple of 64 bytes.
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11);
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
  prefix.writeUInt16LE(header.length + 1, 8);
  return [prefix, Buffer.from(`${header}\n`, 'latin1'), rawBytes(data)];
}
