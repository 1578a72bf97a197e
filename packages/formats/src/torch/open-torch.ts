import { DataFormatError } from '@refclip/structures';
import type { ByteSource } from '../bytes/byte-source.js';
import type { PickleValue } from '../pickle/pickle-value.js';
import { readLegacyTorch } from './read-legacy-torch.js';
import { readZipTorch } from './read-zip-torch.js';
import type { TorchTensor } from './torch-tensor.js';

/** What `torch.save` wrote: dicts are objects, lists and tuples arrays, tensors are read when asked for. */
export type TorchValue = PickleValue<TorchTensor>;

/**
 * Reads what `torch.save` wrote, in the zip container or in that of PyTorch before 1.6: dicts, lists, tuples, numbers, texts and tensors.
 * The elements of tensors stay in the file until their `read()`; keep the source open until then.
 *
 * Nothing is executed. A file that needs any name of Python's but those that tensors are made of is refused by that name.
 *
 * @throws {DataFormatError} naming the file.
 * @see https://pytorch.org/docs/stable/notes/serialization.html, the zip container
 */
export async function openTorch(source: ByteSource): Promise<TorchValue> {
  const head = Buffer.from(await source.read(0, Math.min(source.size, 512)));
  if (head.toString('latin1', 0, 4) === 'PK\x03\x04') return readZipTorch(source);
  if (head[0] === 0x80) return readLegacyTorch(source);
  const tar = head.toString('latin1', 257, 262) === 'ustar';
  throw new DataFormatError(
    { file: source.name },
    tar
      ? 'is a tar archive of PyTorch before 0.1.10. Load and save it again with a newer PyTorch.'
      : `begins with ${JSON.stringify(head.toString('latin1', 0, 16))}; expected a file of torch.save. Check that it was downloaded whole.`,
  );
}
