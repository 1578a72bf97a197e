import { PickleReader } from '../pickle/pickle-reader.js';
import type { PickleValue } from '../pickle/pickle-value.js';
import type { TorchValue } from './open-torch.js';
import { parseStorageId, type StorageId, StorageReference } from './storage-reference.js';
import { type TorchObject, torchGlobals } from './torch-globals.js';
import type { TorchStorage } from './torch-tensor.js';

/** Reads the pickles of a PyTorch file; tensors in them become views of the storages that `open` gives. */
export class TorchPickleReader {
  readonly #reader: PickleReader<TorchObject>;

  constructor(
    bytes: Uint8Array,
    file: string,
    open: (id: StorageId, fail: (problem: string) => never) => TorchStorage,
    part?: string,
  ) {
    this.#reader = new PickleReader<TorchObject>(bytes, file, {
      ...(part === undefined ? {} : { part }),
      globals: torchGlobals,
      persistentLoad: (id, fail) => new StorageReference(open(parseStorageId(id, fail), fail)),
      isArgumentOnly: (value) => value instanceof StorageReference,
    });
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#reader.position;
  }

  /** The next pickle. */
  read(): TorchValue {
    const value: PickleValue<TorchObject> = this.#reader.read();
    // No storage is left in it: the reader has refused that.
    return value as TorchValue;
  }
}
