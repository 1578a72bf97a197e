import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { XyxyBox } from '@refclip/structures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkImages } from '../src/check/check-images.js';
import { checkRecords } from '../src/check/check-records.js';
import { ImageFolder } from '../src/check/image-folder.js';
import { summarizeProblems } from '../src/check/summarize-problems.js';
import { detectBoxConvention } from '../src/convert/detect-box-convention.js';
import { readAnnotations } from '../src/convert/read-annotations.js';
import { computeStatistics } from '../src/stats/compute-statistics.js';

const shared = process.env.REFCLIP_SHARED;
if (!shared) throw new Error('set REFCLIP_SHARED to the folder of the shared files');
const annotations = join(shared, 'real/annotations');

interface JoinedRef {
  readonly iid: number;
  readonly refs: readonly string[];
  readonly bbox_xyxy_int: XyxyBox;
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-shared-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('RefCOCO unc, joined from real files', () => {
  let joined: Record<string, readonly JoinedRef[]>;
  beforeAll(async () => {
    joined = JSON.parse(await readFile(join(annotations, 'refcoco_unc_eval_joined.json'), 'utf8'));
  });

  it('has the published counts of val, testA and testB', async () => {
    const rows = Object.entries(joined).flatMap(([split, refs]) =>
      refs.map(({ iid, refs: expressions, bbox_xyxy_int: box }) =>
        JSON.stringify({ image: iid, expressions, box, boxFormat: 'xyxy', split }),
      ),
    );
    await writeFile(join(directory, 'joined.jsonl'), rows.join('\n'));
    const { splits } = await readAnnotations(join(directory, 'joined.jsonl'));
    const counts = computeStatistics(splits).splits.map(({ split, expressions, records, images }) => [
      split,
      expressions,
      records,
      images,
    ]);
    expect(counts).toEqual([
      ['val', 10834, 3811, 1500],
      ['testA', 5657, 1975, 750],
      ['testB', 5095, 1810, 750],
    ]);
    const groups = summarizeProblems(checkRecords(splits, { longestExpression: 15 }));
    console.log(groups.map(({ kind, count }) => `${kind} ${count}`).join(', '));
    expect(groups.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('is detected as corners from the numbers alone', () => {
    const boxes = Object.values(joined).flatMap((refs) => refs.map(({ bbox_xyxy_int: box }) => ({ box })));
    expect(detectBoxConvention(boxes).convention).toBe('xyxy');
  });
});

describe('a real file of TransVG tuples', () => {
  it('is read, and its boxes are detected as corner and size', async () => {
    const { splits, form, notes } = await readAnnotations(join(shared, 'real/torch/refcoco-expressions-tuples.pth'));
    expect(form).toBe('transvg');
    expect(notes[0]).toContain('Boxes are read as xywh, as detected');
    expect(splits.get('train')).toHaveLength(3820);
    expect(splits.get('train')?.[0]).toMatchObject({
      image: 544294,
      box: [78.41, 178.35, 171.19, 246.65],
      expressions: ['guy on the left wearing the black shirt'],
    });
  });
});

describe('the small real RefCOCO', () => {
  it('is read, and its images are found and decode', async () => {
    const { splits, form } = await readAnnotations(join(annotations, 'mini_refcoco_unc.json'));
    expect(form).toBe('simrec');
    const counts = computeStatistics(splits).splits.map(({ split, expressions, records, images }) => [
      split,
      expressions,
      records,
      images,
    ]);
    expect(counts).toEqual([
      ['train', 15, 10, 6],
      ['val', 40, 13, 4],
      ['testA', 12, 4, 1],
      ['testB', 20, 6, 3],
    ]);
    const folder = await ImageFolder.open(join(shared, 'real/images/train2014'));
    const { problems, sizes } = await checkImages(splits, folder, { decode: true });
    expect(problems).toEqual([]);
    expect(
      [...checkRecords(splits, { longestExpression: 15, sizes })].filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
  });

  it('has boxes that are detected as corner and size', async () => {
    const { splits } = await readAnnotations(join(annotations, 'mini_refcoco_unc.json'));
    const boxes = [...splits.values()].flatMap((records) => records.flatMap(({ box }) => (box ? [{ box }] : [])));
    expect(detectBoxConvention(boxes).convention).toBe('xywh');
  });
});
