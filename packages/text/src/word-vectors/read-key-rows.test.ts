import { DataFormatError } from '@refclip/structures';
import { expect, it } from 'vitest';
import { readKeyRows } from './read-key-rows.js';

const read = (bytes: readonly number[], ...wanted: readonly bigint[]) =>
  readKeyRows(Uint8Array.from(bytes), 'key2row', new Set(wanted));

it('reads whole numbers of every size, and drops negative rows', () => {
  const bytes = [
    0xde, 0, 7,
    0x05, 0xcc, 200,
    0xcd, 1, 0, 0xcd, 1, 2,
    0xce, 0, 1, 0, 0, 0xce, 0, 1, 0, 1,
    0xcf, 255, 255, 255, 255, 255, 255, 255, 255, 0xcf, 0, 0, 0, 0, 0, 0, 0, 9,
    0x06, 0xff,
    0x07, 0xd0, 0x80,
    0x08, 0xd3, 0, 0, 0, 0, 0, 0, 0, 3,
  ]; // biome-ignore format: one pair a line
  const rows = read(bytes, 5n, 256n, 65536n, 2n ** 64n - 1n, 6n, 7n, 8n);
  expect([...rows]).toEqual([
    [5n, 200],
    [256n, 258],
    [65536n, 65537],
    [2n ** 64n - 1n, 9],
    [8n, 3],
  ]);
});

it('keeps wanted keys alone', () => {
  expect([...read([0x82, 1, 10, 2, 20], 2n)]).toEqual([[2n, 20]]);
});

it.each([
  ['nothing', []],
  ['a list', [0x91, 1]],
  ['text', [0x81, 0xa1, 0x61, 1]],
  ['an early end', [0x82, 1, 2, 3]],
  ['an early end within a number', [0x81, 1, 0xcf, 0, 0]],
  ['a count beyond the file', [0xdf, 255, 255, 255, 255, 1, 1]],
])('refuses %s', (_, bytes) => {
  expect(() => read(bytes)).toThrow(DataFormatError);
});
