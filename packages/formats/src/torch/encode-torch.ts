import { encodePickle } from '../pickle/encode-pickle.js';
import { PickleCall, PickleGlobal, PicklePersistentId, PickleTuple } from '../pickle/python-values.js';
import { type FormatData, type FormatTensor, isFormatTensor, rawBytes } from '../tensors/format-tensor.js';
import { storedZip } from '../zip/stored-zip.js';
import { legacyMagic, legacyProtocol, legacySystem } from './legacy-container.js';
import { storageTypes } from './torch-types.js';

/** How a PyTorch file is written. */
export interface EncodeTorchOptions {
  /** `zip`, of PyTorch 1.6 and newer, or `legacy`, which all versions read. Default `zip`. */
  readonly container?: 'zip' | 'legacy';
  /** The fields of files beyond 4 GiB (zip64) even where they are not needed. Default false. */
  readonly zip64?: boolean;
}

/** So that a storage can be mapped into memory, as PyTorch's own files allow. */
const alignment = 64;

/**
 * Writes what `torch.load` reads (`weights_only=True` too): null, booleans, numbers, texts, arrays (lists), `PickleTuple`, objects and maps
 * (dicts), and tensors, which become tensors of their type and shape on the CPU. Two tensors of one `data` share their storage.
 *
 * @returns pieces of the file, in order; tensors are not copied.
 * @throws {TypeError} for anything else, and for types that PyTorch's storages lack (U16, U32, U64).
 */
export function* encodeTorch(
  value: unknown,
  { container = 'zip', zip64 = false }: EncodeTorchOptions = {},
): Generator<Uint8Array> {
  const legacy = container === 'legacy';
  const storages = new Map<FormatData, StoredTensor>();
  const pickle = encodePickle(withTensorsAsCalls(value, storages, legacy));
  const stored = [...storages.values()];
  if (legacy) {
    for (const part of [legacyMagic, legacyProtocol, legacySystem]) yield encodePickle(part);
    yield pickle;
    yield encodePickle(stored.map(({ key }) => key));
    for (const { tensor } of stored) {
      const count = Buffer.alloc(8);
      count.writeBigInt64LE(BigInt(tensor.data.length));
      yield count;
      yield rawBytes(tensor.data);
    }
    return;
  }
  const text = (name: string, content: string) => ({ name: `archive/${name}`, bytes: Buffer.from(content) });
  yield* storedZip(
    [
      { name: 'archive/data.pkl', bytes: pickle },
      text('byteorder', 'little'),
      ...stored.map(({ key, tensor }) => ({ name: `archive/data/${key}`, bytes: rawBytes(tensor.data) })),
      text('version', '3\n'),
    ],
    { alignment, zip64 },
  );
}

interface StoredTensor {
  readonly key: string;
  readonly tensor: FormatTensor;
}

const storageNames = new Map(Object.entries(storageTypes).map(([name, dtype]) => [dtype, name]));
storageNames.set('U8', 'torch.ByteStorage');
const rebuild = new PickleGlobal('torch._utils', '_rebuild_tensor_v2');
const orderedDict = new PickleGlobal('collections', 'OrderedDict');

/** The value with every tensor replaced by the call that makes it. */
function withTensorsAsCalls(value: unknown, storages: Map<FormatData, StoredTensor>, legacy: boolean): unknown {
  const replace = (part: unknown): unknown => withTensorsAsCalls(part, storages, legacy);
  if (isFormatTensor(value)) return tensorCall(value, storages, legacy);
  if (value instanceof PickleTuple) return new PickleTuple(value.items.map(replace));
  if (Array.isArray(value)) return value.map(replace);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, replace(item)]));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return new Map(Object.entries(value).map(([key, item]) => [key, replace(item)]));
  return value;
}

function tensorCall(tensor: FormatTensor, storages: Map<FormatData, StoredTensor>, legacy: boolean): PickleCall {
  const { shape, dtype, data } = tensor;
  const name = storageNames.get(dtype);
  if (!name) throw new TypeError(`PyTorch has no storage of ${dtype}; convert the tensor first`);
  const stored = storages.get(data) ?? { key: String(storages.size), tensor };
  storages.set(data, stored);
  if (stored.tensor.dtype !== dtype) throw new TypeError(`one array is used as ${stored.tensor.dtype} and as ${dtype}`);
  const id: unknown[] = [
    'storage',
    new PickleGlobal('torch', name.slice('torch.'.length)),
    stored.key,
    'cpu',
    data.length,
  ];
  if (legacy) id.push(null);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  return new PickleCall(rebuild, [
    new PicklePersistentId(new PickleTuple(id)),
    0,
    new PickleTuple(shape),
    new PickleTuple(strides),
    false,
    new PickleCall(orderedDict, []),
  ]);
}
