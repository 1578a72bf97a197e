import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readAnnotations } from './read-annotations.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-data-names-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function images(name: string, content: string) {
  await writeFile(join(folder, name), content);
  const { splits, imageNames } = await readAnnotations(join(folder, name), { boxes: 'xywh' });
  return { images: [...splits.values()].flat().map(({ image }) => image), imageNames };
}

it('keeps files of one name in two folders apart, in every form', async () => {
  const names = ['kitchen/0001.jpg', 'bath\\0001.jpg', '1.png', './kitchen/0001.jpg', '0007'];
  const expected = ['kitchen/0001.jpg', 'bath/0001.jpg', '1.png', 'kitchen/0001.jpg', 7];
  const box = [1, 2, 3, 4];
  const lines = names.map((image) => JSON.stringify({ image, expression: 'x', box })).join('\n');
  expect((await images('a.jsonl', lines)).images).toEqual(expected);
  const rows = names.map((image) => `${image},x,1 2 3 4`);
  expect((await images('a.csv', ['image,expression,box', ...rows].join('\n'))).images).toEqual(expected);
  const records = names.map((iid) => ({ iid, bbox: box, refs: ['x'] }));
  expect((await images('a.json', JSON.stringify({ val: records }))).images).toEqual(expected);
});

it("does not take 25.jpg for COCO's image 25 where a file has both", async () => {
  const record = (iid: string | number) => ({ iid, bbox: [1, 2, 3, 4], refs: ['x'] });
  const both = await images(
    'both.json',
    JSON.stringify({ val: ['25.jpg', 'COCO_train2014_000000000025.jpg', '26.jpg'].map(record) }),
  );
  expect(both.images).toEqual(['25.jpg', 25, 26]);
  expect([...both.imageNames]).toEqual([[26, '26.jpg']]);
});
