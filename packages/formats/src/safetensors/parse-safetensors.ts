import { dataOfBytes, type FormatTensor } from '../tensors/format-tensor.js';
import { parseHeader, parseHeaderLength } from './parse-header.js';

/** Tensors by name, and the text that stands beside them. */
export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, FormatTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file that is in memory. Every length is checked against the bytes that are there; tensors must cover the content without holes
 * or overlaps.
 *
 * @param file  its name, for messages.
 * @throws {DataFormatError}
 * @see https://huggingface.co/docs/safetensors, the format
 */
export function parseSafetensors(bytes: Uint8Array, file = 'safetensors'): SafetensorsFile {
  const start = 8 + parseHeaderLength(bytes, bytes.length, file);
  const { entries, metadata } = parseHeader(bytes.subarray(8, start), bytes.length - start, file);
  const tensors: Record<string, FormatTensor> = Object.create(null);
  for (const { name, dtype, shape, begin, end } of entries)
    tensors[name] = { shape, dtype, data: dataOfBytes(dtype, bytes.subarray(start + begin, start + end)) };
  return { tensors, metadata };
}
