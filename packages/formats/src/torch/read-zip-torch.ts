import { DataFormatError } from '@refclip/structures';
import type { ByteSource } from '../bytes/byte-source.js';
import { elementBytes } from '../tensors/format-tensor.js';
import { openZip } from '../zip/open-zip.js';
import type { TorchValue } from './open-torch.js';
import { TorchPickleReader } from './torch-pickle-reader.js';

/** The container of PyTorch since 1.6: a zip of `data.pkl` and a file per storage, all in one folder. */
export async function readZipTorch(source: ByteSource): Promise<TorchValue> {
  const file = source.name;
  const entries = await openZip(source);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (!pickle || pickles.length > 1)
    throw new DataFormatError({ file }, `holds ${pickles.length} data.pkl; expected one, as torch.save writes.`);
  const root = pickle.slice(0, -'data.pkl'.length);
  const order = await entries.get(`${root}byteorder`)?.readAll();
  if (order && Buffer.from(order).toString('latin1') !== 'little')
    throw new DataFormatError({ file }, 'was written on a big-endian machine, which is not read here.');
  const bytes = (await entries.get(pickle)?.readAll()) ?? new Uint8Array();
  const reader = new TorchPickleReader(
    bytes,
    file,
    ({ key, dtype, count }, fail) => {
      const entry = entries.get(`${root}data/${key}`);
      if (!entry) return fail(`storage ${JSON.stringify(key)} is not in the archive`);
      if (entry.size !== count * elementBytes[dtype])
        return fail(`storage ${key} has ${entry.size} bytes; expected ${count * elementBytes[dtype]}`);
      return { dtype, count, read: (start, length) => entry.readPart(start, length) };
    },
    pickle,
  );
  return reader.read();
}
