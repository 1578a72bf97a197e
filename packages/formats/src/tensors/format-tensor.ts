/** Element types of tensor files. Half types are kept as their bits. */
export type FormatDType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL';

/** Arrays that hold elements; F16 and BF16 as `Uint16Array` of bits, BOOL as `Uint8Array` of 0 and 1. */
export type FormatData =
  | Float64Array
  | Float32Array
  | Uint16Array
  | BigInt64Array
  | BigUint64Array
  | Uint32Array
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
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

/** Number of elements of a shape. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((count, d) => count * d, 1);

/**
 * The elements in little-endian bytes as an array of their type. Copies, unless the bytes are all of their buffer and nobody else's view.
 *
 * @param bytes  as many as whole elements take.
 */
export function dataOfBytes(dtype: FormatDType, bytes: Uint8Array): FormatData {
  const whole = bytes.byteLength === bytes.buffer.byteLength;
  const { buffer } = whole ? bytes : new Uint8Array(bytes);
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
    case 'BF16':
    case 'U16':
      return new Uint16Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'U64':
      return new BigUint64Array(buffer);
    case 'U32':
      return new Uint32Array(buffer);
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

/** The bytes of a tensor's elements, little-endian; shares memory with them. */
export const rawBytes = (data: FormatData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * Whether a value is a tensor: a type, a shape and an array.
 *
 * @throws {TypeError} when it looks like one, but the array does not fit the type or the shape.
 */
export function isFormatTensor(value: unknown): value is FormatTensor {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data } = value as Partial<Record<string, unknown>>;
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !ArrayBuffer.isView(data)) return false;
  assertFits(value as FormatTensor);
  return true;
}

/** @throws {TypeError} when a tensor's array does not fit its type or shape. */
export function assertFits({ dtype, shape, data }: FormatTensor): void {
  const expected = elementCount(shape) * elementBytes[dtype];
  if (data.byteLength === expected && data.BYTES_PER_ELEMENT === elementBytes[dtype]) return;
  throw new TypeError(
    `a tensor of ${dtype} [${shape.join(', ')}] takes ${expected} bytes; its array has ${data.byteLength}`,
  );
}
