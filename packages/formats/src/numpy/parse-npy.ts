import { dataOfBytes, elementBytes, elementCount, type FormatTensor } from '../tensors/format-tensor.js';
import { gatherStrided } from '../tensors/gather-strided.js';
import { type NpyLayout, parseNpyLayout } from './npy-layout.js';

/**
 * Reads a `.npy` file of numbers that is in memory; arrays in Fortran's order become row-major.
 *
 * @param file  its name, for messages.
 * @throws {DataFormatError} when it is damaged or holds objects, texts or records; nothing is unpickled.
 */
export function parseNpy(bytes: Uint8Array, file = 'npy'): FormatTensor {
  const layout = parseNpyLayout(bytes, bytes.length, file);
  return npyTensor(layout, bytes.subarray(layout.start));
}

/** The tensor of a layout and the bytes of its elements. */
export function npyTensor({ dtype, shape, fortranOrder }: NpyLayout, elements: Uint8Array): FormatTensor {
  if (!fortranOrder || elementCount(shape) === 0) return { shape, dtype, data: dataOfBytes(dtype, elements) };
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  return { shape, dtype, data: dataOfBytes(dtype, gatherStrided(elements, elementBytes[dtype], shape, strides)) };
}
