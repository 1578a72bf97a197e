import { readFileSync } from 'node:fs';
import { DataFormatError } from '@refclip/structures';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { bytesInMemory } from '../bytes/open-bytes.js';
import { encodePickle } from '../pickle/encode-pickle.js';
import { PickleCall, PickleGlobal, PicklePersistentId, PickleTuple } from '../pickle/python-values.js';
import { toFloat32 } from '../tensors/half-floats.js';
import { openTorch, type TorchValue } from './open-torch.js';
import { TorchTensor } from './torch-tensor.js';

interface Expected {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}
const fixture = (name: string) => readFileSync(new URL(`__fixtures__/${name}`, import.meta.url));
const expected = JSON.parse(fixture('expected.json').toString());
const names: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  U8: 'uint8',
  BOOL: 'bool',
};
const open = (name: string) => openTorch(bytesInMemory(fixture(name), name));

async function shown(value: unknown): Promise<Expected> {
  if (!(value instanceof TorchTensor)) throw new Error('no tensor');
  const tensor = await value.read();
  const values =
    tensor.dtype === 'F64' || tensor.dtype === 'I64' ? Array.from(tensor.data, Number) : [...toFloat32(tensor)];
  return { dtype: names[tensor.dtype] ?? tensor.dtype, shape: tensor.shape, values };
}

describe('openTorch', () => {
  it.each([
    ['zip.pth', 'zip.pth'],
    ['legacy.pth', 'zip.pth'],
    ['half.pth', 'half.pth'],
    ['bfloat16.pth', 'bfloat16.pth'],
  ])('%s holds the tensors of PyTorch', async (name, same) => {
    const tensors = (await open(name)) as Record<string, TorchValue>;
    expect(Object.keys(tensors)).toEqual(Object.keys(expected[same]));
    for (const [key, tensor] of Object.entries<Expected>(expected[same]))
      expect(await shown(tensors[key])).toEqual(tensor);
  });

  it('reads a checkpoint with its optimizer', async () => {
    const {
      state_dict: tensors,
      optimizer,
      ...rest
    } = (await open('checkpoint-ddp.pth')) as {
      state_dict: Record<string, TorchValue>;
      optimizer: { state: Record<string, { exp_avg: TorchValue }>; param_groups: TorchValue[] };
    };
    const wanted = expected['checkpoint-ddp.pth'];
    expect(rest).toMatchObject({ epoch: wanted.epoch, lr: wanted.lr });
    expect(Object.keys(tensors)).toEqual(Object.keys(wanted.state_dict));
    for (const [key, tensor] of Object.entries<Expected>(wanted.state_dict))
      expect(await shown(tensors[key])).toEqual(tensor);
    expect(await shown(optimizer.state[0]?.exp_avg)).toEqual(wanted['optimizer.state.0.exp_avg']);
    expect(optimizer.param_groups[0]).toMatchObject({ betas: wanted['optimizer.param_groups.0.betas'] });
  });

  it('reads lists of tuples', async () => {
    expect(await open('tuples.pth')).toEqual([
      ['COCO_train2014_000000000072.jpg', 1, [1, 2, 3, 4], 'the left zebra', ['left']],
    ]);
  });

  it('refuses code by its name and runs nothing', async () => {
    await expect(open('malicious.pth')).rejects.toThrow(/malicious\.pth.*holds code \(posix\.system\)/);
  });

  it('opens packed archives', async () => {
    const zip = zipSync({ 'x/data.pkl': encodePickle([1, 'a']), 'x/version': Buffer.from('3\n') });
    expect(await openTorch(bytesInMemory(zip, 'x.pth'))).toEqual([1, 'a']);
  });

  it('reads learning rates of NumPy, options of a program and sizes', async () => {
    const dtype = new PickleCall(new PickleGlobal('numpy', 'dtype'), ['f8', false, true]);
    const bytes = new PickleCall(new PickleGlobal('_codecs', 'encode'), [
      Buffer.from(Float64Array.of(1e-4).buffer).toString('latin1'),
      'latin1',
    ]);
    const value = {
      lr: new PickleCall(new PickleGlobal('numpy.core.multiarray', 'scalar'), [dtype, bytes]),
      size: new PickleCall(new PickleGlobal('torch', 'Size'), [new PickleTuple([2, 3])]),
      device: new PickleCall(new PickleGlobal('torch', 'device'), ['cuda', 0]),
    };
    const zip = zipSync({ 'x/data.pkl': encodePickle(value) });
    expect(await openTorch(bytesInMemory(zip, 'x.pth'))).toEqual({ lr: 1e-4, size: [2, 3], device: 'cuda:0' });
  });

  it.each([
    Buffer.alloc(0),
    Buffer.from('PK'),
    Buffer.from('PK\u0003\u0004 nothing'),
    Buffer.from(encodePickle(5)),
    Buffer.from(zipSync({ 'a/b': Buffer.from('x') })),
    Buffer.from(zipSync({ 'a/data.pkl': encodePickle(1), 'b/data.pkl': encodePickle(1) })),
    Buffer.from(zipSync({ 'a/data.pkl': encodePickle(1), 'a/byteorder': Buffer.from('big') })),
    Buffer.from('text'),
  ])('refuses foreign files: %#', async (bytes) => {
    await expect(openTorch(bytesInMemory(bytes, 'x.pth'))).rejects.toThrow(DataFormatError);
  });
});

describe('a tensor', () => {
  const view = (
    over: Partial<Record<'type' | 'count' | 'offset' | 'shape' | 'strides' | 'bytes' | 'key', unknown>>,
  ) => {
    const v = {
      type: 'FloatStorage',
      count: 6,
      offset: 0,
      shape: [2, 3],
      strides: [3, 1],
      key: '0',
      bytes: 24,
      ...over,
    };
    const id = new PickleTuple(['storage', new PickleGlobal('torch', v.type as string), v.key, 'cpu', v.count]);
    const call = new PickleCall(new PickleGlobal('torch._utils', '_rebuild_tensor_v2'), [
      new PicklePersistentId(id),
      v.offset,
      new PickleTuple(v.shape as number[]),
      new PickleTuple(v.strides as number[]),
      false,
      null,
    ]);
    const zip = zipSync({ 'x/data.pkl': encodePickle({ w: call }), 'x/data/0': new Uint8Array(v.bytes as number) });
    return openTorch(bytesInMemory(zip, 'x.pth'));
  };

  it.each([
    ['beyond its storage', { offset: 1 }, 'reaches beyond'],
    ['with strides beyond its storage', { strides: [4, 1] }, 'reaches beyond'],
    ['with a negative stride', { strides: [-3, 1] }, 'strides'],
    ['with a fractional size', { shape: [2, 1.5] }, 'shape'],
    ['with as many strides as no axes', { strides: [1] }, 'shape'],
    ['of a storage that is not there', { key: '7' }, 'not in the archive'],
    ['of a storage of another size', { bytes: 20 }, '20 bytes; expected 24'],
    ['of a negative storage', { count: -1 }, '-1 elements'],
    ['of complex numbers', { type: 'ComplexFloatStorage' }, 'torch.ComplexFloatStorage'],
    ['that repeats few elements a billion times', { shape: [2 ** 30], strides: [0] }, 'repeats its 6 elements'],
    ['too large to count', { shape: [2 ** 40, 2 ** 40], strides: [0, 0] }, 'repeats'],
  ])('%s is refused', async (_, over, message) => {
    await expect(view(over)).rejects.toThrow(message);
  });

  it('may repeat its elements a little, as expanded buffers do', async () => {
    const { w } = (await view({ shape: [4, 3], strides: [0, 1] })) as { w: TorchTensor };
    expect((await w.read()).data).toEqual(new Float32Array(12));
  });

  it('is not taken for its bare storage', async () => {
    const id = new PickleTuple(['storage', new PickleGlobal('torch', 'FloatStorage'), '0', 'cpu', 6]);
    const zip = zipSync({ 'x/data.pkl': encodePickle([new PicklePersistentId(id)]), 'x/data/0': new Uint8Array(24) });
    await expect(openTorch(bytesInMemory(zip, 'x.pth'))).rejects.toThrow('only calls may take');
  });
});
