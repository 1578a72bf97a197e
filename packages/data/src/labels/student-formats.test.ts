import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesInMemory, openTorch, parseNpyHeader } from '@refclip/formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRecords } from '../convert/annotation-form.js';
import { readAnnotations } from '../convert/read-annotations.js';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { readRefer } from '../refer/read-refer.js';
import { splitWords } from '../stats/split-words.js';
import { labeledSplits } from './labeled-splits.js';
import type { PseudoLabel } from './pseudo-label.js';
import { selectLabels } from './select-labels.js';
import { studentFormats } from './student-formats.js';
import type { StudentSet } from './student-set.js';

// People's boxes are far from the teacher's: one that is written for training shows.
const secret = [7777, 7777, 7, 7] as const;
const source: SplitRecords = new Map([
  [
    'train',
    [
      { image: 9, box: secret, expressions: ['red cup', 'left cup, "big"'], category: 3, maskId: 40 },
      { image: 25, box: secret, expressions: ['[blue] dog'], category: 3, maskId: 41 },
    ],
  ],
  ['val', [{ image: 30, box: [1, 2, 30, 40], expressions: ['green chair'], category: 56, maskId: 42 }]],
  ['testA', [{ image: 31, box: [5, 6, 7, 8.25], expressions: ['last one'], category: 0, maskId: 43 }]],
]);

const labels: readonly PseudoLabel[] = [
  [0, 0, 'red cup', [10, 20, 60, 90]],
  [0, 1, 'left cup, "big"', [-0.3, 20.25, 60, 90]],
  [1, 0, '[blue] dog', [100, 100, 200, 150]],
].map(([record, expression, text, box]) => ({
  record: record as number,
  expression: expression as number,
  text: text as string,
  box: box as unknown as PseudoLabel['box'],
  similarity: 2,
  margin: 0.5,
  objectness: 0.9,
  rank: 1,
  category: 41,
}));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-students-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function studentSet(policy: 'expression' | 'ref', given = labels): Promise<StudentSet> {
  const entries = [9, 25].map((image, record) => ({
    image,
    file: `${image}.jpg`,
    width: 320,
    height: 240,
    detections: [],
    labels: given.filter((label) => label.record === record),
  }));
  const { kept } = await selectLabels(entries, { policy });
  const words = new Set([...allRecords(source)].flatMap(({ expressions }) => expressions).flatMap(splitWords));
  return {
    name: 'refcoco',
    split: 'train',
    splits: labeledSplits(source, 'train', kept, policy),
    words: [...words],
    complete: given === labels,
    imageName: (image) => `${image}.jpg`,
    imageSize: async (image) => (image === 31 ? undefined : { width: 320, height: 240 }),
    categories: 80,
    others: (image) => (image === 9 ? [{ box: [200, 10, 20, 30], category: 0 }] : []),
  };
}

const options = { transvgName: 'unc', splitBy: 'unc', masks: false };
type Name = keyof typeof studentFormats;
const write = async (name: Name, set: StudentSet, given = options) =>
  studentFormats[name].write(join(folder, `${name}-${JSON.stringify(given).length}`), set, given);

describe.each(Object.keys(studentFormats) as Name[])('the %s files', (name) => {
  it.each(['expression', 'ref'] as const)(
    "hold the teacher's boxes and none of people's for training, policy %s",
    async (policy) => {
      const { files } = await write(name, await studentSet(policy));
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) expect((await readFile(file)).includes('7777'), file).toBe(false);
    },
  );
});

describe('simrec', () => {
  it('keeps records, expressions and words in their order, boxes with a decimal point', async () => {
    const { files } = await write('simrec', await studentSet('ref'));
    const text = await readFile(files[0] as string, 'utf8');
    expect(text).toContain('"bbox":[100.0,100.0,100.0,50.0]');
    const { splits } = await readAnnotations(files[0] as string);
    expect([...splits.keys()]).toEqual(['train', 'val', 'testA']);
    const expressions = (records: Iterable<ReferringRecord>) => [...records].map((record) => record.expressions);
    expect(expressions(allRecords(splits))).toEqual(expressions(allRecords(source)));
    expect(splits.get('val')).toMatchObject([{ box: [1, 2, 30, 40], category: 56 }]);
    expect(splits.get('train')?.[0]).toMatchObject({ category: 41, maskId: 40 });
  });

  it('says the words first when records are left out', async () => {
    const { files, notes } = await write('simrec', await studentSet('expression', labels.slice(2)));
    const { splits } = await readAnnotations(files[0] as string);
    expect([...splits.keys()]).toEqual(['vocabulary', 'train', 'val', 'testA']);
    const words = new Set([...allRecords(splits)].flatMap(({ expressions }) => expressions).flatMap(splitWords));
    expect([...words].join(' ')).toBe('red cup left big [blue] dog green chair last one');
    expect(notes.join()).toContain('vocabulary');
  });

  it('writes one empty mask for each ref, of its image, equal sizes as one file', async () => {
    const { notes } = await write('simrec', await studentSet('ref'), { ...options, masks: true });
    const mask = (id: number) =>
      join(folder, `simrec-${JSON.stringify({ ...options, masks: true }).length}`, `masks/refcoco/${id}.npy`);
    const bytes = await readFile(mask(41));
    expect(parseNpyHeader(bytes, 'mask')).toMatchObject({ shape: [240, 320] });
    expect((await stat(mask(40))).nlink).toBe(3);
    expect(notes.join()).toContain('1 left out');
  });
});

describe('transvg', () => {
  it('has a tuple of five per expression with whole pixels', async () => {
    const { files } = await write('transvg', await studentSet('expression'));
    expect(files.map((file) => file.slice(file.lastIndexOf('/') + 1))).toEqual([
      'unc_train.pth',
      'unc_val.pth',
      'unc_testA.pth',
    ]);
    const rows = (await openTorch(bytesInMemory(await readFile(files[0] as string), 'train'))) as unknown[][];
    expect(rows.map((row) => [row[0], row[2], row[3]])).toEqual([
      ['9.jpg', [10, 20, 50, 70], 'red cup'],
      ['9.jpg', [0, 20, 60, 70], 'left cup, "big"'],
      ['25.jpg', [100, 100, 100, 50], '[blue] dog'],
    ]);
  });
});

describe('mattnet', () => {
  it('is a REFER data set: fresh annotations, detections beside them, a ref without image left out', async () => {
    const { files, notes } = await write('mattnet', await studentSet('expression'));
    const directory = (files[0] as string).slice(0, (files[0] as string).lastIndexOf('/'));
    const { splits, totals } = await readRefer(directory, { dataset: 'refcoco', splitBy: 'unc' });
    expect(totals).toEqual({ expressions: 4, refs: 4, images: 3 });
    expect(splits.get('train')).toMatchObject([
      { image: 9, box: [10, 20, 50, 70], category: 41, maskId: 40 },
      { image: 9, box: [-0.3, 20.25, 60.3, 69.75] },
      { image: 25, box: [100, 100, 100, 50], maskId: 41 },
    ]);
    const { annotations } = JSON.parse(await readFile(files[1] as string, 'utf8'));
    expect(annotations.map((annotation: { bbox: number[] }) => annotation.bbox)).toContainEqual([200, 10, 20, 30]);
    expect(new Set(annotations.map((annotation: { id: number }) => annotation.id)).size).toBe(annotations.length);
    expect(notes).toEqual(['1 records of testA are left out: their images are not there.']);
  });
});

describe('jsonl', () => {
  it('says how sure the teacher was', async () => {
    const { files } = await write('jsonl', await studentSet('expression'));
    const [row] = (await readFile(files[0] as string, 'utf8')).split('\n').map((line) => line && JSON.parse(line));
    expect(row).toMatchObject({
      image: '9.jpg',
      expression: 'red cup',
      box: [10, 20, 60, 90],
      similarity: 2,
      margin: 0.5,
      rank: 1,
    });
    expect(row.agreement).toBeCloseTo(3487.5 / 4218.425, 5);
  });
});
