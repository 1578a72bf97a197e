import { DataFormatError } from '@refclip/structures';
import type { ByteSource } from '../bytes/byte-source.js';
import { PickleTooShort } from '../pickle/pickle-cursor.js';
import { isPickledDict } from '../pickle/pickle-value.js';
import { elementBytes, type FormatDType } from '../tensors/format-tensor.js';
import { legacyMagic, legacyProtocol } from './legacy-container.js';
import type { TorchValue } from './open-torch.js';
import { TorchPickleReader } from './torch-pickle-reader.js';

/** The pickles stand before the elements; so much is read first in search of their end, then four times as much, and so on. */
const firstBytes = 2 ** 20;

/** The container of PyTorch before 1.6: five pickles, one after the other, then the storages, each a count and its elements. */
export async function readLegacyTorch(source: ByteSource): Promise<TorchValue> {
  for (let length = firstBytes; ; length *= 4) {
    const bytes = await source.read(0, Math.min(length, source.size));
    try {
      return readPickles(bytes, source);
    } catch (error) {
      if (!(error instanceof PickleTooShort) || bytes.length === source.size) throw error;
    }
  }
}

function readPickles(bytes: Uint8Array, source: ByteSource): TorchValue {
  const file = source.name;
  const storages = new Map<string, LegacyStorage>();
  const reader = new TorchPickleReader(bytes, file, ({ key, dtype, count, view }, fail) => {
    const storage = storages.get(key) ?? new LegacyStorage(source, dtype, count);
    if (storage.dtype !== dtype || storage.count !== count) return fail(`storage ${key} has two types or sizes`);
    storages.set(key, storage);
    if (!view) return storage;
    const skipped = view.offset * elementBytes[dtype];
    return { dtype, count: view.count, read: (start, length) => storage.read(skipped + start, length) };
  });
  if (reader.read() !== legacyMagic || reader.read() !== legacyProtocol)
    throw new DataFormatError({ file }, 'is a pickle but no file of torch.save.');
  const system = reader.read();
  if (!isPickledDict(system) || system.little_endian !== true)
    throw new DataFormatError({ file }, 'was written on a big-endian machine, which is not read here.');
  const value = reader.read();
  placeStorages(reader.read(), storages, reader.position, source);
  return value;
}

/** Storages follow the pickles in the order of their keys. */
function placeStorages(
  keys: unknown,
  storages: ReadonlyMap<string, LegacyStorage>,
  start: number,
  { name: file, size }: ByteSource,
): void {
  const problem = (text: string) => new DataFormatError({ file, field: 'storages' }, `${text}.`);
  if (!Array.isArray(keys) || new Set(keys).size !== storages.size || keys.length !== storages.size)
    throw problem(`the list of keys does not name the ${storages.size} storages once each`);
  let at = start;
  for (const key of keys as unknown[]) {
    const storage = storages.get(String(key));
    if (!storage) throw problem(`the list of keys names ${String(key).slice(0, 40)}, which no tensor has`);
    storage.start = at;
    at += 8 + storage.count * elementBytes[storage.dtype];
  }
  if (at > size) throw problem(`they end at byte ${at} of ${size}; the file is truncated`);
}

/** A count of eight bytes, then the elements. */
class LegacyStorage {
  readonly dtype: FormatDType;
  readonly count: number;
  start = 0;
  readonly #source: ByteSource;

  constructor(source: ByteSource, dtype: FormatDType, count: number) {
    this.#source = source;
    this.dtype = dtype;
    this.count = count;
  }

  async read(start: number, length: number): Promise<Uint8Array> {
    const counted = await this.#source.read(this.start, 8);
    const count = Number(new DataView(counted.buffer, counted.byteOffset, 8).getBigInt64(0, true));
    if (count !== this.count) {
      throw new DataFormatError(
        { file: this.#source.name, record: `byte ${this.start}` },
        `a storage has ${count} elements; expected ${this.count}. The file is damaged.`,
      );
    }
    return this.#source.read(this.start + 8 + start, length);
  }
}
