import { decodeHalvesBySimd, decodeHalvesByTable } from './decode-halves.js';
import type { FormatTensor } from './format-tensor.js';

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** IEEE half-precision bits as numbers. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const result = new Float32Array(halves.length);
  float16IntoFloat32(halves, result);
  return result;
}

/** {@link float16ToFloat32} into memory that is there: for many tensors of one size. @param target as long as `halves`. */
export function float16IntoFloat32(halves: Uint16Array, target: Float32Array): void {
  if (!decodeHalvesBySimd(halves, target)) decodeHalvesByTable(halves, target);
}

/** Numbers as IEEE half-precision bits, rounded to nearest even; beyond 65504 becomes infinity. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = halfOf(values[i] as number);
  return result;
}

function halfOf(value: number): number {
  float[0] = value;
  const pattern = bits[0] as number;
  const sign = (pattern >>> 16) & 0x8000;
  const magnitude = pattern & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and above
  if (magnitude < 0x38800000) {
    // Below the smallest normal half: a multiple of 2⁻²⁴, rounded to even.
    const scaled = Math.abs(value) * 2 ** 24;
    const low = Math.floor(scaled);
    const rest = scaled - low;
    return sign | (rest > 0.5 || (rest === 0.5 && low & 1) ? low + 1 : low);
  }
  const rounded = magnitude - 0x38000000 + 0x0fff + ((magnitude >>> 13) & 1);
  return sign | Math.min(rounded >>> 13, 0x7c00);
}

/** Any float or integer tensor as float32. int64 beyond 2⁵³ and float64 lose precision. */
export function toFloat32({ dtype, data }: FormatTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (dtype === 'F16') return float16ToFloat32(data as Uint16Array);
  if (dtype === 'BF16') {
    const words = Uint32Array.from(data as Uint16Array, (pattern) => pattern << 16);
    return new Float32Array(words.buffer);
  }
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  return Float32Array.from(data);
}
