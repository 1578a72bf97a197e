import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ImageFolder } from '../check/image-folder.js';
import { groupByImage } from './group-by-image.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-groups-'));
  for (const name of ['1.png', '2.png']) await writeFile(join(folder, name), '');
});
afterAll(() => rm(folder, { recursive: true }));

it('groups expressions by image, in the order of the file', async () => {
  const opened = await ImageFolder.open(folder);
  const splits = new Map([
    [
      'val',
      [
        { image: '1.png', expressions: ['a', 'b'] },
        { image: '2.png', expressions: ['c'] },
      ],
    ],
    [
      'testA',
      [
        { image: '1.png', expressions: ['d'] },
        { image: '../1.png', expressions: ['e'] },
      ],
    ],
  ]);
  const groups = groupByImage(splits, ['val', 'testA'], opened);
  expect(groups.map(({ image, record, queries }) => [image, record, queries.map(({ text }) => text)])).toEqual([
    ['1.png', 'val 0', ['a', 'b', 'd']],
    ['2.png', 'val 1', ['c']],
    ['../1.png', 'testA 1', ['e']],
  ]);
  expect(groups[0]?.queries[2]).toEqual({ split: 'testA', record: 0, expression: 0, text: 'd', box: undefined });
  expect(groups[0]?.file).toBe(join(folder, '1.png'));
});
