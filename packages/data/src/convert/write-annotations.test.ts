import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, FileError, UsageError } from '@refclip/structures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectForm } from './detect-form.js';
import { groupExpressions } from './group-expressions.js';
import { readAnnotations } from './read-annotations.js';
import { splitOfFile } from './split-of-file.js';
import { writeAnnotations } from './write-annotations.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-convert-'));
});
afterAll(() => rm(directory, { recursive: true }));

const records = [{ image: 9, box: [1, 2, 3, 4] as const, expressions: ['a cat'] }];

describe('writeAnnotations', () => {
  it.each(['../evil', '/evil', 'a/b', '..', 'a\0b', ''])('never makes a path of a split named %j', async (split) => {
    const inner = join(directory, 'inner');
    await mkdir(inner, { recursive: true });
    const writing = writeAnnotations(join(inner, '{split}.csv'), new Map([[split, records]]), { form: 'realgin' });
    await expect(writing).rejects.toBeInstanceOf(UsageError);
    expect(await readdir(inner)).toEqual([]);
    expect(await readdir(directory)).toEqual(['inner']);
  });

  it('names images as the caller does', async () => {
    const file = join(directory, 'referit.csv');
    expect(
      await writeAnnotations(file, new Map([['test', records]]), { form: 'realgin', imageName: (id) => `${id}.jpg` }),
    ).toEqual([file]);
    expect(await readFile(file, 'utf8')).toBe('img_id,bbox,query\n9.jpg,"[1, 2, 4, 6]",a cat\n');
  });

  it('keeps the names that the files of ids had', async () => {
    const [input, output] = [join(directory, 'referit_val.csv'), join(directory, 'named.jsonl')];
    await writeFile(input, 'img_id,bbox,query\n25.jpg,"[1, 2, 4, 6]",a cat\n');
    const { splits, imageNames } = await readAnnotations(input);
    expect(splits.get('val')?.[0]?.image).toBe(25);
    await writeAnnotations(output, splits, { form: 'jsonl', imageNames });
    expect(JSON.parse(await readFile(output, 'utf8'))).toMatchObject({ image: '25.jpg' });
  });

  it('asks for the sizes that scaled boxes need', async () => {
    const file = join(directory, 'scaled.jsonl');
    const splits = new Map([['val', records]]);
    await expect(writeAnnotations(file, splits, { form: 'jsonl', boxes: 'xyxy-1000' })).rejects.toBeInstanceOf(
      DataFormatError,
    );
    await writeAnnotations(file, splits, {
      form: 'jsonl',
      boxes: 'xyxy-1000',
      imageSize: async () => ({ width: 100, height: 50 }),
    });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      box: [10, 40, 40, 120],
      boxFormat: 'xyxy-1000',
      width: 100,
    });
  });
});

describe('readAnnotations', () => {
  it('takes the split from the name of a file, and from the caller first', async () => {
    const file = join(directory, 'refcoco_testA.csv');
    await writeFile(file, 'img_id,bbox,query\n9,"[1, 2, 4, 6]",a cat\n');
    expect([...(await readAnnotations(file)).splits.keys()]).toEqual(['testA']);
    expect([...(await readAnnotations(file, { split: 'val' })).splits.keys()]).toEqual(['val']);
  });

  it('is a FileError for a folder and for nothing', async () => {
    await expect(readAnnotations(directory, { form: 'csv' })).rejects.toBeInstanceOf(FileError);
    await expect(readAnnotations(join(directory, 'nothing.csv'))).rejects.toBeInstanceOf(FileError);
  });
});

describe('detectForm', () => {
  it.each([
    ['a.csv', 'image,expression\n', 'csv'],
    ['a.csv', 'img_id,bbox,query\n', 'realgin'],
    ['a.jsonl', '{"image": "a.jpg", "expression": "referring"}\n', 'jsonl'],
    ['a.jsonl', '{"filename": "a", "referring": []}\n', 'odvg'],
    ['a.json', '{"train": [{"iid": 1, "refs": []}]}', 'simrec'],
    ['a.json', '{"val": [], "train": []}', 'simrec'],
    ['a.json', '{"images": [{"id": 1, "file_name": "x"}], "annotations": []}', 'coco'],
    ['a.json', '{"annotations": {}, "refexps": {"1": {"refexp_id": 1, "raw": "x"}}, "images": {}}', 'google'],
  ])('%s of %s is %s', (file, text, form) => {
    expect(detectForm(file, Buffer.from(text))).toBe(form);
  });

  it.each(['', 'hello', '[1]', '{"a": 1}'])('refuses %j', (text) => {
    expect(() => detectForm('a.json', Buffer.from(text))).toThrow(DataFormatError);
  });
});

describe('splitOfFile', () => {
  it.each([
    ['unc_testA.pth', 'testA'],
    ['data/gref_umd/gref_umd_val.pth', 'val'],
    ['train_flat.csv', 'train'],
    ['google_refexp_train_201511_coco_aligned.json', 'train'],
    ['referit_trainval.pth', 'trainval'],
    ['training.csv', undefined],
    ['train/refs.csv', undefined],
  ])('%s: %s', (file, split) => {
    expect(splitOfFile(file)).toBe(split);
  });
});

describe('groupExpressions', () => {
  it('joins training records of the same image and box, and no others', () => {
    const one = { image: 1, box: [1, 2, 3, 4] as const, expressions: ['a'] };
    const splits = new Map([
      [
        'train',
        [
          one,
          { ...one, image: 2 },
          { ...one, expressions: ['b', 'c'] },
          { image: 1, expressions: ['d'] },
          { image: 1, expressions: ['e'] },
        ],
      ],
      ['val', [one, one]],
    ]);
    const grouped = groupExpressions(splits);
    expect(grouped.get('train')?.map(({ image, expressions }) => [image, expressions.join('')])).toEqual([
      [1, 'abc'],
      [2, 'a'],
      [1, 'd'],
      [1, 'e'],
    ]);
    expect(grouped.get('val')).toHaveLength(2);
    expect(one.expressions).toEqual(['a']);
  });
});
