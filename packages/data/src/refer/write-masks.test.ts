import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRunLengths } from '@refclip/formats';
import { DataFormatError } from '@refclip/structures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertRefer } from './convert-refer.js';
import { writeMasks } from './write-masks.js';

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`__fixtures__/${name}`, import.meta.url), 'utf8'));
const expected: Record<string, { area: number; rle: string; size: [number, number] }> = fixture('expected-masks.json');
const { outlines } = convertRefer({
  refs: fixture('expected-refs.json'),
  refsFile: 'refs(unc).p',
  instances: fixture('instances.json'),
  instancesFile: 'instances.json',
  dataset: 'refcoco',
  splitBy: 'unc',
});

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-masks-'));
});
afterAll(() => rm(directory, { recursive: true }));

const areaOf = (runs: readonly number[]) => runs.reduce((sum, run, index) => (index % 2 ? sum + run : sum), 0);

describe('writeMasks', () => {
  it('writes the run lengths that the mask library of COCO gives', async () => {
    expect(await writeMasks(join(directory, 'rle'), outlines, { format: 'rle' })).toBe(9);
    const masks = JSON.parse(await readFile(join(directory, 'rle/masks.json'), 'utf8'));
    expect(masks).toEqual(
      Object.fromEntries(Object.entries(expected).map(([ref, { rle, size }]) => [ref, { size, counts: rle }])),
    );
    for (const [ref, { area }] of Object.entries(expected))
      expect(areaOf(decodeRunLengths(masks[ref].counts) ?? [])).toBe(area);
  });

  it('writes NumPy files of the same pixels', async () => {
    await writeMasks(join(directory, 'npy'), outlines, { format: 'npy' });
    expect((await readdir(join(directory, 'npy'))).sort()).toEqual(Object.keys(expected).map((ref) => `${ref}.npy`));
    const bytes = await readFile(join(directory, 'npy/102.npy'));
    expect(bytes.subarray(1, 6).toString()).toBe('NUMPY');
    const start = 10 + bytes.readUInt16LE(8);
    expect(start % 64).toBe(0);
    expect(bytes.subarray(10, start).toString()).toContain("'shape': (480, 640)");
    const pixels = bytes.subarray(start);
    expect(pixels).toHaveLength(480 * 640);
    const runs = decodeRunLengths(expected['102']!.rle) ?? [];
    let at = 0;
    let wrong = 0;
    for (const [index, run] of runs.entries()) {
      for (let end = at + run; at < end; at++)
        if (pixels[(at % 480) * 640 + Math.floor(at / 480)] !== index % 2) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it.each<[unknown]>([
    [null],
    [[]],
    [[[1, 2, 3, 4]]],
    [[[0, 0, 1e9, 0, 1e9, 1e9]]],
    [{ size: [2, 2], counts: 'zzz' }],
    [{ size: [4, 5], counts: [1, 2] }],
    [{ size: [4, 5], counts: '\u0001' }],
  ])('refuses %j', async (segmentation) => {
    const bad = new Map([[1, { size: { width: 5, height: 4 }, segmentation }]]);
    await expect(writeMasks(join(directory, 'bad'), bad, { format: 'rle' })).rejects.toBeInstanceOf(DataFormatError);
    expect(await readdir(directory)).not.toContain('bad');
  });
});
