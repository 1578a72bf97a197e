import type { ByteSource } from '../bytes/byte-source.js';
import { dataOfBytes } from '../tensors/format-tensor.js';
import type { LazyTensor } from '../tensors/lazy-tensor.js';
import { parseHeader, parseHeaderLength } from './parse-header.js';

/** Tensors of an open safetensors file, and the text beside them. */
export interface OpenSafetensors {
  readonly tensors: ReadonlyMap<string, LazyTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the header of a safetensors file; each tensor is read when asked for. Keep the source open until then.
 *
 * @throws {DataFormatError} when the header is wrong or does not fit the file.
 */
export async function openSafetensors(source: ByteSource): Promise<OpenSafetensors> {
  const { name: file, size } = source;
  const length = parseHeaderLength(await source.read(0, Math.min(8, size)), size, file);
  const start = 8 + length;
  const { entries, metadata } = parseHeader(await source.read(8, length), size - start, file);
  const tensors = new Map<string, LazyTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const read = async () => ({
      shape,
      dtype,
      data: dataOfBytes(dtype, await source.read(start + begin, end - begin)),
    });
    tensors.set(name, { shape, dtype, read });
  }
  return { tensors, metadata };
}
