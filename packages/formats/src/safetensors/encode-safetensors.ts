import { elementBytes, elementCount, type FormatTensor } from '../tensors/format-tensor.js';

/**
 * The bytes of a safetensors file; tensors sorted by name, so equal content gives equal bytes.
 *
 * @throws {RangeError} when a tensor's data does not fit its shape.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, FormatTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {};
  const names = Object.keys(tensors).sort();
  let size = 0;
  for (const name of names) {
    const { dtype, shape, data } = tensors[name] as FormatTensor;
    if (data.byteLength !== elementCount(shape) * elementBytes[dtype]) {
      throw new RangeError(
        `encodeSafetensors: ${name} holds ${data.byteLength} bytes for ${dtype} [${shape.join(', ')}]`,
      );
    }
    header[name] = { dtype, shape, data_offsets: [size, size + data.byteLength] };
    size += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + size).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  let at = 8 + padded;
  for (const name of names) {
    const { data } = tensors[name] as FormatTensor;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
