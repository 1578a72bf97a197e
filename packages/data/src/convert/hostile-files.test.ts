import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RefclipError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAnnotations } from './read-annotations.js';
import { writeAnnotations } from './write-annotations.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-hostile-'));
});
afterAll(() => rm(folder, { recursive: true }));

const splits = new Map([
  [
    'val',
    Array.from({ length: 12 }, (_, i) => ({
      image: `COCO_train2014_${String(i).padStart(12, '0')}.jpg`,
      box: [i, 2, 30, 40] as const,
      expressions: [`the "${i}", left löwe`],
    })),
  ],
]);

/** One to four changes: a byte set, the end cut off, a stretch of 255, or a byte that means something to JSON, CSV or pickle. */
function mutate(bytes: Uint8Array, next: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const place = () => Math.floor(next() * copy.length);
  const meaningful = '(\x80XJq"{[,0\n\x93';
  for (let changes = 1 + Math.floor(next() * 4); changes > 0; changes--) {
    const kind = Math.floor(next() * 4);
    if (kind === 0) copy[place()] = Math.floor(next() * 256);
    else if (kind === 1) return copy.subarray(0, place());
    else if (kind === 2) copy.fill(255, place(), place() + 4);
    else copy[place()] = meaningful.charCodeAt(Math.floor(next() * meaningful.length));
  }
  return copy;
}

it.each([
  ['csv', 'x.csv'],
  ['jsonl', 'x.jsonl'],
  ['simrec', 'x.json'],
  ['transvg', 'unc_val.pth'],
  ['google', 'x.json'],
  ['realgin', 'x.csv'],
] as const)('reads or refuses a damaged %s file by an error that names it', async (form, name) => {
  const file = join(folder, name);
  await writeAnnotations(file, splits, { form });
  const whole = await readFile(file);
  const before = await readdir(folder);
  const random = mulberry32(whole.length, 100_000);
  let [at, refused] = [0, 0];
  for (let round = 0; round < 60; round++) {
    await writeFile(
      file,
      mutate(whole, () => random[at++]!),
    );
    try {
      await readAnnotations(file, { form });
    } catch (error) {
      refused++;
      if (!RefclipError.isInstance(error)) throw error;
      expect(error.message).toContain(name);
    }
  }
  expect(refused).toBeGreaterThan(5);
  expect(await readdir(folder)).toEqual(before);
});
