import type { PickleValue } from '../pickle/pickle-value.js';
import { PickleGlobal } from '../pickle/python-values.js';
import type { FormatDType } from '../tensors/format-tensor.js';
import type { TorchStorage } from './torch-tensor.js';
import { storageTypes } from './torch-types.js';

/** A storage as it lies on the stack of a pickle, before tensors are made from it. */
export class StorageReference {
  readonly storage: TorchStorage;

  constructor(storage: TorchStorage) {
    this.storage = storage;
  }
}

/** What the persistent id of a storage says. */
export interface StorageId {
  readonly key: string;
  readonly dtype: FormatDType;
  /** Elements. */
  readonly count: number;
  /** Files of old versions: the part of the storage that is meant. */
  readonly view: { readonly offset: number; readonly count: number } | undefined;
}

/**
 * Reads `('storage', class, key, device, element count[, view])`.
 *
 * @param fail  refuses the file.
 */
export function parseStorageId(id: PickleValue<unknown>, fail: (problem: string) => never): StorageId {
  const [kind, type, key, , count, view] = Array.isArray(id) ? id : [];
  if (kind !== 'storage') fail(`needs ${kind === 'module' ? 'code of a module' : 'what is no storage'}, kept outside`);
  const dtype = type instanceof PickleGlobal ? storageTypes[`${type}`] : undefined;
  if (!dtype) fail(`a storage is of type ${String(type).slice(0, 80)}`);
  if (typeof key !== 'string' && typeof key !== 'number') fail('a storage has no key');
  if (!isCount(count)) fail(`a storage has ${String(count).slice(0, 40)} elements`);
  if (view === undefined || view === null) return { key: String(key), dtype, count, view: undefined };
  const [, offset, viewed] = Array.isArray(view) ? view : [];
  if (!isCount(offset) || !isCount(viewed) || offset + viewed > count) fail('a view of a storage reaches beyond it');
  return { key: String(key), dtype, count, view: { offset, count: viewed } };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
