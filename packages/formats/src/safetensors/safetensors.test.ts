import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, FileError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { expect, test } from 'vitest';
import { float16ToFloat32, float32ToFloat16, toFloat32 } from '../tensors/half-floats.js';
import { encodeSafetensors } from './encode-safetensors.js';
import { parseSafetensors } from './parse-safetensors.js';
import { readSafetensors, writeSafetensors } from './safetensors-files.js';

const tensors = {
  'a.weight': { shape: [2, 3], dtype: 'F32', data: Float32Array.from([1, 2, 3, 4, 5, 6]) },
  'b.half': { shape: [3], dtype: 'F16', data: float32ToFloat16(Float32Array.from([0.5, -2, 65504])) },
  count: { shape: [], dtype: 'I64', data: BigInt64Array.of(7n) },
  empty: { shape: [0, 4], dtype: 'F32', data: new Float32Array() },
} as const;

test('what is written is read, from memory and from a file, and nothing else is left behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
  const file = join(folder, 'deep', 'w.safetensors');
  await writeSafetensors(file, tensors, { note: 'hello' });
  const read = await readSafetensors(file);
  expect({ ...read.tensors }).toEqual(tensors);
  expect(read.metadata).toEqual({ note: 'hello' });
  expect(await readdir(join(folder, 'deep'))).toEqual(['w.safetensors']);
  await expect(readSafetensors(join(folder, 'none'))).rejects.toThrow(FileError);
});

test('halves: every pattern survives, rounding is to nearest even, bfloat16 widens', () => {
  const patterns = Uint16Array.from({ length: 1 << 16 }, (_, i) => i).filter(
    (i) => (i & 0x7c00) !== 0x7c00 || (i & 1023) === 0,
  );
  expect(float32ToFloat16(float16ToFloat32(patterns))).toEqual(patterns);
  expect(
    Array.from(
      float16ToFloat32(
        float32ToFloat16(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65520, 2 ** -25, 3 * 2 ** -26)),
      ),
    ),
  ).toEqual([1, 1 + 2 ** -9, Number.POSITIVE_INFINITY, 0, 2 ** -24]);
  expect(toFloat32({ shape: [1], dtype: 'BF16', data: Uint16Array.of(0x3fc0) })[0]).toBe(1.5);
});

test('truncated, overlapping, oversized and foreign files are refused', () => {
  const bytes = encodeSafetensors(tensors);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => parseSafetensors(bytes.subarray(0, length))).toThrow(DataFormatError);
  }
  const withHeader = (header: unknown, content = 8) => {
    const text = new TextEncoder().encode(JSON.stringify(header));
    const whole = new Uint8Array(8 + text.length + content);
    new DataView(whole.buffer).setBigUint64(0, BigInt(text.length), true);
    whole.set(text, 8);
    return () => parseSafetensors(whole);
  };
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  expect(withHeader({ a: entry })).not.toThrow();
  expect(withHeader({ a: entry, b: entry })).toThrow('holes or overlaps');
  expect(withHeader({ a: { ...entry, shape: [2 ** 40, 2 ** 40] } })).toThrow(DataFormatError);
  expect(withHeader({ a: { ...entry, dtype: 'constructor' } })).toThrow('its type');
  expect(withHeader({ a: { ...entry, data_offsets: [0, 1e15] } })).toThrow(DataFormatError);
  expect(withHeader({ a: entry }, 9)).toThrow('after the last tensor');
  expect(withHeader([])).toThrow('no JSON object');
});

test('2000 files with flipped bits are read or refused by an error of ours', () => {
  const bytes = encodeSafetensors(tensors);
  const random = mulberry32(11, 4000);
  for (let i = 0; i < 2000; i++) {
    const broken = Uint8Array.from(bytes);
    const at = Math.floor((random[2 * i] as number) * broken.length);
    broken[at] = (broken[at] as number) ^ (1 << Math.floor((random[2 * i + 1] as number) * 8));
    try {
      parseSafetensors(broken);
    } catch (error) {
      expect(error).toBeInstanceOf(DataFormatError);
    }
  }
});
