import { DataFormatError } from '@refclip/structures';
import type { ByteSource } from '../bytes/byte-source.js';
import type { LazyTensor } from '../tensors/lazy-tensor.js';
import { openZip } from '../zip/open-zip.js';
import { parseNpyLayout } from './npy-layout.js';
import { npyTensor } from './parse-npy.js';
import { npyHeaderBytes } from './parse-npy-header.js';

/**
 * Opens an `.npz` file, packed or not: arrays by name. Their headers are read, elements when asked for. Keep the source open until then.
 *
 * @throws {DataFormatError} when it is damaged or holds anything but arrays of numbers.
 */
export async function openNpz(source: ByteSource): Promise<ReadonlyMap<string, LazyTensor>> {
  const tensors = new Map<string, LazyTensor>();
  for (const entry of (await openZip(source)).values()) {
    const file = `${source.name} (${entry.name})`;
    if (!entry.name.endsWith('.npy'))
      throw new DataFormatError({ file }, 'is no array; expected names that end in .npy.');
    const head = await entry.readPart(0, Math.min(npyHeaderBytes, entry.size));
    const layout = parseNpyLayout(head, entry.size, file);
    const read = async () => npyTensor(layout, await entry.readPart(layout.start, entry.size - layout.start));
    tensors.set(entry.name.slice(0, -'.npy'.length), { shape: layout.shape, dtype: layout.dtype, read });
  }
  return tensors;
}
