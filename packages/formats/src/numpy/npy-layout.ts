import { DataFormatError } from '@refclip/structures';
import { elementBytes, elementCount, type FormatDType } from '../tensors/format-tensor.js';
import { parseNpyHeader } from './parse-npy-header.js';

/** NumPy's names of the types that are read and written, little-endian. */
export const npyTypes: Readonly<Record<string, FormatDType>> = {
  '<f8': 'F64',
  '<f4': 'F32',
  '<f2': 'F16',
  '<i8': 'I64',
  '<i4': 'I32',
  '<i2': 'I16',
  '|i1': 'I8',
  '<u8': 'U64',
  '<u4': 'U32',
  '<u2': 'U16',
  '|u1': 'U8',
  '|b1': 'BOOL',
};

/** An array of numbers in a `.npy` file. */
export interface NpyLayout {
  readonly dtype: FormatDType;
  readonly shape: readonly number[];
  /** The first axis runs fastest. */
  readonly fortranOrder: boolean;
  /** Where the elements begin. */
  readonly start: number;
}

/**
 * Reads the header of a `.npy` file and checks that its elements are there.
 *
 * @param head  the beginning of the file, `npyHeaderBytes` or all of it.
 * @param size  bytes of the file.
 * @throws {DataFormatError} also for arrays of objects, texts and records, which are no tensors.
 */
export function parseNpyLayout(head: Uint8Array, size: number, file: string): NpyLayout {
  const { descr, shape, fortranOrder, dataStart: start } = parseNpyHeader(head, file);
  const dtype = Object.hasOwn(npyTypes, descr) ? npyTypes[descr] : undefined;
  if (!dtype) {
    throw new DataFormatError(
      { file },
      `its elements are ${descr}; expected one of ${Object.keys(npyTypes).join(', ')}.`,
    );
  }
  const expected = elementCount(shape) * elementBytes[dtype];
  if (shape.length > 64 || size - start !== expected) {
    throw new DataFormatError(
      { file },
      `an array of ${descr} [${shape.join(', ')}] takes ${expected} bytes; the file has ${size - start}.`,
    );
  }
  return { dtype, shape, fortranOrder, start };
}
