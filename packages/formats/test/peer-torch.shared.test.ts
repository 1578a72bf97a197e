import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython } from '@refclip/testing/find-python';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ByteSource,
  encodeNpz,
  encodeTorch,
  float32ToFloat16,
  openBytes,
  openNpz,
  openStateDict,
  openTorch,
  PickleTuple,
  type TorchTensor,
  toFloat32,
  writePieces,
} from '../src/index.js';

/** A Python with PyTorch; a peer, not a requirement: without one this file is skipped. */
const python = findPython(['torch', 'numpy']);
const script = join(import.meta.dirname, 'peer-torch.py');

const weights = {
  a: { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
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
} as const;
const seen = {
  a: { dtype: 'torch.float32', shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
  scalar: { dtype: 'torch.int64', shape: [], values: [12345678901] },
  half: { dtype: 'torch.float16', shape: [2], values: [1, 2] },
  bfloat: { dtype: 'torch.bfloat16', shape: [1], values: [1.5] },
  double: { dtype: 'torch.float64', shape: [1], values: [1 / 3] },
  int: { dtype: 'torch.int32', shape: [1], values: [-7] },
  short: { dtype: 'torch.int16', shape: [1], values: [-7] },
  char: { dtype: 'torch.int8', shape: [1], values: [-7] },
  byte: { dtype: 'torch.uint8', shape: [3], values: [1, 2, 255] },
  flag: { dtype: 'torch.bool', shape: [2], values: [1, 0] },
  empty: { dtype: 'torch.float32', shape: [0, 4], values: [] },
};

describe.skipIf(!python)('PyTorch', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'refclip-peer-'));
    execFileSync(python as string, [script, 'write', folder]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads what is written here as it was', async () => {
    const tuples = [new PickleTuple(['a.jpg', 1, 2.5, [true], null]), -3];
    const checkpoint = { epoch: 3, lr: 1e-4, note: 'café 😀', large: 2 ** 40, tuples, state_dict: weights };
    await writePieces(at('zip.pth'), encodeTorch(checkpoint));
    await writePieces(at('legacy.pth'), encodeTorch(checkpoint, { container: 'legacy' }));
    await writePieces(at('zip64.pth'), encodeTorch(checkpoint, { zip64: true }));
    // What `weights_only` of PyTorch 1.13 knows: no floats outside tensors.
    const plain = { epoch: 3, list: [new PickleTuple([1, 'x'])], state_dict: weights };
    await writePieces(at('plain-zip.pth'), encodeTorch(plain));
    await writePieces(at('plain-legacy.pth'), encodeTorch(plain, { container: 'legacy' }));
    const { bfloat, ...arrays } = weights;
    await writePieces(at('own.npz'), encodeNpz(arrays));
    const read = JSON.parse(execFileSync(python as string, [script, 'read', folder], { encoding: 'utf8' }));
    const list = ['list', ['tuple', 'a.jpg', 1, 2.5, ['list', true], null], -3];
    const whole = { epoch: 3, lr: 1e-4, note: 'café 😀', large: 2 ** 40, tuples: list, state_dict: seen };
    expect(read.zip).toEqual(whole);
    expect(read.legacy).toEqual(whole);
    expect(read.zip64).toEqual(whole);
    const plainSeen = { epoch: 3, list: ['list', ['tuple', 1, 'x']], state_dict: seen };
    expect(read['plain-zip']).toEqual(plainSeen);
    expect(read['plain-legacy']).toEqual(plainSeen);
    expect(Object.keys(read.npz)).toEqual(Object.keys(arrays));
    expect(read.npz.a).toEqual({ dtype: 'float32', shape: [2, 3], values: [1, 2, 3, 4, 5, 6] });
  });

  it.each(['views', 'views-legacy'])('writes %s, read here as it was', async (name) => {
    const expected = JSON.parse(await readFile(at('expected.json'), 'utf8')).views;
    const source = await openBytes(at(`${name}.pth`));
    const read = (await openTorch(source)) as Record<string, TorchTensor>;
    expect(Object.keys(read)).toEqual(Object.keys(expected));
    for (const [key, tensor] of Object.entries(read)) {
      const values = tensor.dtype === 'F64' ? (await tensor.read()).data : toFloat32(await tensor.read());
      expect(Array.from(values, Number)).toEqual(expected[key].values);
      expect(tensor.shape).toEqual(expected[key].shape);
    }
    await source.close();
  });

  it('writes checkpoints with optimizers, packed arrays, and whole models, which are refused by name', async () => {
    const checkpoint = await openStateDict(at('checkpoint.pth'));
    const expected = JSON.parse(await readFile(at('expected.json'), 'utf8')).state_dict;
    expect([...checkpoint.tensors.keys()]).toEqual(Object.keys(expected));
    expect({ ...checkpoint.metadata }).toEqual({ epoch: '3', lr: '0.0001' });
    await checkpoint.close();
    const arrays = await openBytes(at('packed.npz'));
    const [a, f] = (await openNpz(arrays)).values();
    expect((await a?.read())?.data).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
    expect((await f?.read())?.data).toEqual(BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n));
    await arrays.close();
    await expect(openStateDict(at('whole-model.pth'))).rejects.toThrow('torch.nn.modules.container.Sequential');
  });

  it.each(['large-zip.pth', 'large-legacy.pth'])('one tensor of %s costs its own 2 MiB of 400', async (name) => {
    let bytesRead = 0;
    const opened = await openBytes(at(name));
    const counting: ByteSource = {
      ...opened,
      read: (start, length) => {
        bytesRead += length;
        return opened.read(start, length);
      },
    };
    const dict = await openStateDict(counting);
    const toOpen = bytesRead;
    const tensor = await dict.tensors.get('layer.150.weight')?.read();
    console.log(
      `${name}: ${opened.size} bytes; ${toOpen} read to open it, ${bytesRead - toOpen} for a tensor of ${2 ** 21}`,
    );
    await dict.close();
    expect(tensor?.data[0]).toBe(150);
    expect(bytesRead).toBeLessThan(2 ** 21 + 1.2e6);
  });
});
