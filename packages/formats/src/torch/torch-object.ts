import { DataFormatError } from '@refclip/structures';
import { unzipSync } from 'fflate';
import { encodePickle } from '../pickle/encode-pickle.js';
import { type PickleValue, readPickle, readPickles } from '../pickle/read-pickle.js';

const magic = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;
/** More than the largest of TransVG's files by far; a zip that claims more is refused unopened. */
const mostBytes = 2 ** 30;

/**
 * Plain data that `torch.save` wrote, in the zip form or in the old one of five pickles. Tensors and everything else that needs code is refused.
 *
 * @throws {DataFormatError} naming the file.
 */
export function readTorchObject(bytes: Uint8Array, file: string): PickleValue {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    const [first, version, , value] = readPickles(bytes, file, 4);
    if (first !== magic || version !== protocolVersion)
      throw new DataFormatError({ file }, 'is no file of torch.save.');
    return value as PickleValue;
  }
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!/^[^/]+\/data\.pkl$/.test(name)) return false;
        if (originalSize > mostBytes) throw new Error(`${name} claims ${originalSize} bytes`);
        return true;
      },
    });
  } catch (cause) {
    throw new DataFormatError({ file }, `cannot be unpacked: ${(cause as Error).message}.`, { cause });
  }
  const [pickle] = Object.values(entries);
  if (!pickle) throw new DataFormatError({ file }, 'holds no data.pkl; expected a file of torch.save.');
  return readPickle(pickle, file);
}

/** A file that every `torch.load` reads: the old container, with the value and no tensors. */
export function encodeTorchObject(value: unknown): Uint8Array[] {
  const system = { protocol_version: protocolVersion, little_endian: true, type_sizes: { short: 2, int: 4, long: 4 } };
  return [magic, protocolVersion, system, value, []].map(encodePickle);
}
