import { assertFits, type FormatTensor, rawBytes } from '../tensors/format-tensor.js';

/**
 * The bytes of a safetensors file in pieces; tensors sorted by name, so equal content gives equal bytes.
 *
 * @returns the header, then each tensor's bytes, which are not copied.
 * @throws {TypeError} when a tensor's data does not fit its type or shape.
 */
export function* safetensorsPieces(
  tensors: Readonly<Record<string, FormatTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Generator<Uint8Array> {
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length) header.__metadata__ = metadata;
  const sorted = Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1));
  let size = 0;
  for (const [name, tensor] of sorted) {
    assertFits(tensor);
    const end = size + tensor.data.byteLength;
    header[name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [size, end] };
    size = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(8 + padded).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(text, 8);
  yield head;
  for (const [, { data }] of sorted) yield rawBytes(data);
}

/**
 * The bytes of a safetensors file; tensors sorted by name, so equal content gives equal bytes.
 *
 * @throws {TypeError} when a tensor's data does not fit its type or shape.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, FormatTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return Uint8Array.from(Buffer.concat([...safetensorsPieces(tensors, metadata)]));
}
