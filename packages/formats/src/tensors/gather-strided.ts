/**
 * The elements of a strided view, row-major.
 *
 * @param bytes    little-endian elements, the first of the view at the start.
 * @param width    bytes per element: 1, 2, 4 or 8.
 * @param strides  in elements, one per axis, none negative.
 */
export function gatherStrided(
  bytes: Uint8Array,
  width: number,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const { buffer, byteOffset } = byteOffsetFits(bytes, width) ? bytes : Uint8Array.from(bytes);
  const result = new ArrayBuffer(count * width);
  const length = Math.floor(bytes.byteLength / width);
  if (width === 1) gather(new Uint8Array(buffer, byteOffset, length), new Uint8Array(result), shape, strides);
  else if (width === 2) gather(new Uint16Array(buffer, byteOffset, length), new Uint16Array(result), shape, strides);
  else if (width === 4) gather(new Uint32Array(buffer, byteOffset, length), new Uint32Array(result), shape, strides);
  else gather(new BigUint64Array(buffer, byteOffset, length), new BigUint64Array(result), shape, strides);
  return new Uint8Array(result);
}

const byteOffsetFits = (bytes: Uint8Array, width: number) => bytes.byteOffset % width === 0;

function gather<T extends number | bigint>(
  from: { readonly [index: number]: T },
  to: { [index: number]: T },
  shape: readonly number[],
  strides: readonly number[],
): void {
  let next = 0;
  const walk = (axis: number, start: number): void => {
    if (axis === shape.length) {
      to[next++] = from[start] as T;
      return;
    }
    const size = shape[axis] as number;
    const stride = strides[axis] as number;
    if (axis === shape.length - 1) {
      for (let i = 0; i < size; i++) to[next++] = from[start + i * stride] as T;
    } else {
      for (let i = 0; i < size; i++) walk(axis + 1, start + i * stride);
    }
  };
  walk(0, 0);
}
