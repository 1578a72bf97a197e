import type { FormatTensor } from '../tensors/format-tensor.js';
import { storedZip } from '../zip/stored-zip.js';
import { encodeNpy } from './encode-npy.js';

/**
 * Writes tensors as an `.npz` file that `numpy.load` reads, not packed, in pieces.
 *
 * @throws {TypeError} as {@link encodeNpy} does.
 */
export function* encodeNpz(tensors: Readonly<Record<string, FormatTensor>>): Generator<Uint8Array> {
  yield* storedZip(
    Object.entries(tensors).map(([name, tensor]) => ({
      name: `${name}.npy`,
      bytes: Buffer.concat(encodeNpy(tensor)),
    })),
  );
}
