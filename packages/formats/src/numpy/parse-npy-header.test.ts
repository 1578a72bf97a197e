import { DataFormatError } from '@refclip/structures';
import { expect, test } from 'vitest';
import { parseNpyHeader } from './parse-npy-header.js';

const header = (text: string, version = 1, length = text.length) => {
  const head = [0x93, ...Buffer.from('NUMPY'), version, 0, length & 255, length >> 8, ...(version > 1 ? [0, 0] : [])];
  return Uint8Array.from([...head, ...Buffer.from(text)]);
};

test.each([1, 2, 3])('format %i', (version) => {
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n";
  const dataStart = (version === 1 ? 10 : 12) + text.length;
  expect(parseNpyHeader(header(text, version), 'a.npy')).toEqual({
    descr: '<f4',
    fortranOrder: false,
    shape: [3, 4],
    dataStart,
  });
});

test('scalars and one axis', () => {
  const shapeOf = (shape: string) =>
    parseNpyHeader(header(`{'descr': '|u1', 'fortran_order': True, 'shape': ${shape}, }`), 'a').shape;
  expect([shapeOf('()'), shapeOf('(7,)')]).toEqual([[], [7]]);
});

test.each([
  ['no magic', Uint8Array.from(Buffer.from('hello world, this is text'))],
  ['empty', new Uint8Array()],
  ['unknown format', header('{}', 9)],
  ['objects', header("{'descr': '|O8', 'fortran_order': False, 'shape': (3,), }")],
  ['a record type', header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }")],
  ['a header longer than the file', header('{}', 1, 500)],
  ['an absurd header', header('{}', 1, 65_000)],
  ['an absurd axis', header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }")],
])('refuses %s', (_, bytes) => {
  expect(() => parseNpyHeader(bytes, 'a.npy')).toThrow(DataFormatError);
});
