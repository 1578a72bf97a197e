import type { KnownGlobal, KnownGlobals } from '../pickle/known-globals.js';
import { isPickledDict, type PickleValue, setPickledItem } from '../pickle/pickle-value.js';
import { numpyGlobals } from './numpy-globals.js';
import { StorageReference } from './storage-reference.js';
import { TorchTensor } from './torch-tensor.js';
import { elementTypes, storageTypes } from './torch-types.js';

/** What a pickle of PyTorch's may hold beside plain data. */
export type TorchObject = TorchTensor | StorageReference;

const rebuildTensor: KnownGlobal<TorchObject> = {
  call: ([reference, offset, shape, strides, _requiresGrad, _hooks, elementType], fail) => {
    if (!(reference instanceof StorageReference)) return fail('a tensor has no storage');
    const { storage } = reference;
    const dtype = typeof elementType === 'string' ? elementTypes[elementType] : storage.dtype;
    if (!dtype) return fail(`a tensor's elements are ${elementType}`);
    const layout = { storage, dtype, offset: offset as number, shape: numbers(shape), strides: numbers(strides) };
    return TorchTensor.create(layout, fail);
  },
};
const rebuildParameter: KnownGlobal<TorchObject> = {
  call: ([tensor], fail) => (tensor instanceof TorchTensor ? tensor : fail('a parameter is no tensor')),
};
/** The options of a program, which some checkpoints carry. */
const namespace: KnownGlobal<TorchObject> = {
  call: () => ({}),
  build: (value, state, fail) => {
    if (!isPickledDict(value) || !isPickledDict(state)) return fail('options that are no dict');
    for (const [key, item] of Object.entries(state)) setPickledItem(value, key, item);
  },
};
const named: KnownGlobal<TorchObject> = {};

/** The names in files of `torch.save` that hold tensors in dicts, lists and tuples. */
export const torchGlobals: KnownGlobals<TorchObject> = new Map<string, KnownGlobal<TorchObject>>([
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_tensor_v3', rebuildTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
  ['torch.Size', { call: ([sizes = []]) => sizes as PickleValue<TorchObject> }],
  ['torch.device', { call: (parts) => parts.join(':') }],
  ['argparse.Namespace', namespace],
  ...Object.keys(storageTypes).map((name): [string, KnownGlobal<TorchObject>] => [name, named]),
  ...Object.keys(elementTypes).map((name): [string, KnownGlobal<TorchObject>] => [name, { value: name }]),
  ...numpyGlobals,
]);

/** Whole numbers of a tuple; anything else fails the check of the layout. */
function numbers(value: unknown): number[] {
  return Array.isArray(value)
    ? value.map((item: unknown) => (typeof item === 'number' ? item : Number.NaN))
    : [Number.NaN];
}
