import { describe, expect, it } from 'vitest';
import { bytesInMemory } from '../bytes/open-bytes.js';
import { PickleTuple } from '../pickle/python-values.js';
import { float32ToFloat16 } from '../tensors/half-floats.js';
import { encodeTorch } from './encode-torch.js';
import { openTorch } from './open-torch.js';
import { TorchTensor } from './torch-tensor.js';

const shared = { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } as const;
const checkpoint = {
  epoch: 3,
  lr: 1e-4,
  big: 2 ** 40,
  huge: 2n ** 70n,
  note: 'café 😀',
  none: null,
  tuples: [new PickleTuple([]), new PickleTuple(['a.jpg', 1, 2.5, [true]]), -0],
  counts: new Map([[3, 'three']]),
  state_dict: {
    'a.weight': shared,
    'b.tied': { ...shared, shape: [4] },
    scalar: { dtype: 'I64', shape: [], data: BigInt64Array.of(12345678901n) },
    half: { dtype: 'F16', shape: [2], data: float32ToFloat16(Float32Array.of(1, 2)) },
    bfloat: { dtype: 'BF16', shape: [1], data: Uint16Array.of(0x3fc0) },
    double: { dtype: 'F64', shape: [1], data: Float64Array.of(1 / 3) },
    int: { dtype: 'I32', shape: [1], data: Int32Array.of(-7) },
    short: { dtype: 'I16', shape: [1], data: Int16Array.of(-7) },
    char: { dtype: 'I8', shape: [1], data: Int8Array.of(-7) },
    byte: { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) },
    flag: { dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) },
    empty: { dtype: 'F32', shape: [0, 4], data: new Float32Array() },
  },
};

const readBack = async (value: unknown, container: 'zip' | 'legacy') => {
  const bytes = Buffer.concat([...encodeTorch(value, { container })]);
  return { bytes, value: (await openTorch(bytesInMemory(bytes, 'x.pth'))) as Record<string, unknown> };
};

describe.each(['zip', 'legacy'] as const)('encodeTorch in the %s container', (container) => {
  it('writes what openTorch reads', async () => {
    const { state_dict: tensors, ...rest } = (await readBack(checkpoint, container)).value;
    const { state_dict: _, tuples: __, counts: ___, ...plain } = checkpoint;
    expect(rest).toEqual({ ...plain, tuples: [[], ['a.jpg', 1, 2.5, [true]], -0], counts: { 3: 'three' } });
    for (const [name, tensor] of Object.entries(checkpoint.state_dict)) {
      const read = (tensors as Record<string, unknown>)[name];
      expect(read instanceof TorchTensor && (await read.read())).toEqual(tensor);
    }
  });

  it('writes one storage for tensors of one array', async () => {
    const tied = (await readBack({ a: shared, b: shared }, container)).bytes;
    const apart = (await readBack({ a: shared, b: { ...shared, data: Float32Array.from(shared.data) } }, container))
      .bytes;
    expect(tied.length).toBeLessThan(apart.length);
  });

  it('gives equal bytes for equal values', async () => {
    expect((await readBack(checkpoint, container)).bytes).toEqual((await readBack(checkpoint, container)).bytes);
  });

  it.each([
    [() => 1],
    [[undefined]],
    [new Date(0)],
    [{ w: { dtype: 'U16', shape: [1], data: Uint16Array.of(1) } }],
    [{ w: { dtype: 'F32', shape: [2], data: Float32Array.of(1) } }],
    [{ w: { dtype: 'F32', shape: [1], data: Uint8Array.of(1, 2, 3, 4) } }],
    [{ w: shared, v: { ...shared, dtype: 'I32' } }],
  ])('refuses %#', (value) => {
    expect(() => [...encodeTorch(value, { container })]).toThrow(TypeError);
  });
});
