import { DataFormatError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { encodePickle } from '../pickle/encode-pickle.js';
import { encodeTorchObject, readTorchObject } from './torch-object.js';

const value = [
  ['a.jpg', '1.pth', [1, 2.5, -3, 1e10], 'café 😀', []],
  { a: null, b: true, c: -0, d: '' },
  2n ** 70n,
  -(2n ** 63n),
  false,
];

describe('readTorchObject', () => {
  it('reads both containers', () => {
    expect(readTorchObject(Buffer.concat(encodeTorchObject(value)), 'x.pth')).toEqual(value);
    const zip = zipSync({
      'archive/data.pkl': [encodePickle(value), { level: 0 }],
      'archive/version': Buffer.from('3\n'),
    });
    expect(readTorchObject(zip, 'x.pth')).toEqual(value);
    expect(readTorchObject(zipSync({ 'x/data.pkl': encodePickle([1]) }), 'x.pth')).toEqual([1]);
  });

  it('refuses a zip that claims more than it may hold', () => {
    const zip = Buffer.from(zipSync({ 'a/data.pkl': encodePickle([1]) }));
    const central = zip.indexOf(Buffer.of(0x50, 0x4b, 1, 2));
    zip.writeUInt32LE(0xf0000000, central + 24);
    expect(() => readTorchObject(zip, 'x.pth')).toThrow(DataFormatError);
  });

  it.each([
    Buffer.alloc(0),
    Buffer.from('PK'),
    Buffer.from('PK\u0003\u0004 nothing'),
    encodePickle(5),
    zipSync({ 'a/b': Buffer.from('x') }),
    Buffer.from('text'),
  ])('refuses %#', (bytes) => {
    expect(() => readTorchObject(bytes, 'x.pth')).toThrow(DataFormatError);
  });

  it('fuzzed, reads or refuses by name', () => {
    const zip = zipSync({ 'archive/data.pkl': encodePickle(value) });
    const u = mulberry32(9, 2000);
    let at = 0;
    for (const good of [zip, Buffer.concat(encodeTorchObject(value))]) {
      for (let round = 0; round < 200; round++) {
        const bytes = Buffer.from(good);
        for (let k = 0; k < 2; k++)
          bytes[Math.floor((u[at++ % 2000] as number) * bytes.length)] = Math.floor((u[at++ % 2000] as number) * 256);
        try {
          readTorchObject(bytes, 'x.pth');
        } catch (error) {
          expect(error).toBeInstanceOf(DataFormatError);
        }
      }
    }
  });
});
