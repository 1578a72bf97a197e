/** Element types of tensor files. Half types are kept as their bits. */
export type FormatDType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** Arrays that hold elements; F16 and BF16 as `Uint16Array` of bits, BOOL as `Uint8Array` of 0 and 1. */
export type FormatData =
  | Float64Array
  | Float32Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

/** A tensor of a file, row-major. */
export interface FormatTensor {
  readonly shape: readonly number[];
  readonly dtype: FormatDType;
  readonly data: FormatData;
}

/** Bytes per element. */
export const elementBytes: Readonly<Record<FormatDType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** Number of elements of a shape. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((count, d) => count * d, 1);

/**
 * The elements in little-endian bytes as an array of their type; copies, so that alignment does not matter.
 *
 * @param bytes  exactly as many as `count` elements take.
 */
export function dataOfBytes(dtype: FormatDType, bytes: Uint8Array): FormatData {
  const { buffer } = Uint8Array.from(bytes);
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
    case 'BF16':
      return new Uint16Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'I16':
      return new Int16Array(buffer);
    case 'I8':
      return new Int8Array(buffer);
    case 'U8':
    case 'BOOL':
      return new Uint8Array(buffer);
  }
}
