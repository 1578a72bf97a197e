import { DataFormatError } from '@refclip/structures';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { bytesInMemory } from '../bytes/open-bytes.js';
import { encodeNpy } from './encode-npy.js';
import { encodeNpz } from './encode-npz.js';
import { openNpz } from './open-npz.js';
import { parseNpy } from './parse-npy.js';

const tensors = {
  floats: { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  scalar: { dtype: 'F64', shape: [], data: Float64Array.of(0.1) },
  one: { dtype: 'I64', shape: [1], data: BigInt64Array.of(-5n) },
  large: { dtype: 'U64', shape: [1], data: BigUint64Array.of(2n ** 63n) },
  words: { dtype: 'U16', shape: [2], data: Uint16Array.of(1, 65535) },
  halves: { dtype: 'F16', shape: [2], data: Uint16Array.of(0x3c00, 0x4000) },
  flags: { dtype: 'BOOL', shape: [2, 1], data: Uint8Array.of(1, 0) },
  empty: { dtype: 'U8', shape: [0, 4], data: new Uint8Array() },
} as const;
/** A file with NumPy's header of this text. */
const npy = (text: string, bytes: number) => {
  const head = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${text}\n`, 'latin1');
  head.writeUInt16LE(text.length + 1, 8);
  return Buffer.concat([head, Buffer.from(Array.from({ length: bytes }, (_, i) => i))]);
};

describe('NumPy files', () => {
  it.each(Object.entries(tensors))('of %s are read as they were written', (_, tensor) => {
    const bytes = Buffer.concat(encodeNpy(tensor));
    expect((bytes.length - tensor.data.byteLength) % 64).toBe(0);
    expect(parseNpy(bytes)).toEqual(tensor);
  });

  it('in Fortran order become row-major', () => {
    const { data } = parseNpy(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", 6));
    expect(data).toEqual(Uint8Array.of(0, 2, 4, 1, 3, 5));
  });

  it.each([
    ["{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 4, 'elements are >f4'],
    ["{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, 'elements are <c8'],
    ["{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, 'expected one of plain numbers'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4, 'takes 8 bytes; the file has 4'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 5, 'takes 4 bytes; the file has 5'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776), }", 4, 'takes'],
  ])('with %s are refused', (text, bytes, message) => {
    expect(() => parseNpy(npy(text, bytes))).toThrow(DataFormatError);
    expect(() => parseNpy(npy(text, bytes))).toThrow(message);
  });

  it('lack bfloat16', () => {
    expect(() => encodeNpy({ dtype: 'BF16', shape: [1], data: Uint16Array.of(1) })).toThrow(TypeError);
  });
});

describe('archives of NumPy files', () => {
  it.each(['stored', 'packed'])('%s, are read as they were written', async (kind) => {
    const stored = Buffer.concat([...encodeNpz(tensors)]);
    const packed = Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, Buffer.concat(encodeNpy(tensor))]);
    const bytes = kind === 'stored' ? stored : zipSync(Object.fromEntries(packed));
    const arrays = await openNpz(bytesInMemory(bytes, 'x.npz'));
    expect([...arrays.keys()]).toEqual(Object.keys(tensors));
    for (const [name, tensor] of Object.entries(tensors)) expect(await arrays.get(name)?.read()).toEqual(tensor);
  });

  it('hold nothing but arrays', async () => {
    const bytes = zipSync({ 'a.txt': Buffer.from('x') });
    await expect(openNpz(bytesInMemory(bytes, 'x.npz'))).rejects.toThrow('is no array');
  });
});
