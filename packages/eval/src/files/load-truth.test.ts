import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePickle } from '@refclip/formats';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadTruth } from './load-truth.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-eval-truth-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(name: string, content: string | Uint8Array, options?: Parameters<typeof loadTruth>[1]) {
  await writeFile(join(folder, name), content);
  return (await loadTruth(join(folder, name), options)).expressions;
}

it('reads refs from the pickle that REFER publishes, as from JSON', async () => {
  const sentences = [
    { sent_id: 4, sent: 'left cat' },
    { sent_id: 5, sent: 'cat' },
  ];
  const refs = [{ ref_id: 7, ann_id: 3, image_id: 9, category_id: 1, split: 'val', sentences }];
  const instances = join(folder, 'instances.json');
  const annotations = [{ id: 3, image_id: 9, category_id: 1, bbox: [1, 2, 3, 4] }];
  await writeFile(
    instances,
    JSON.stringify({ images: [{ id: 9, width: 50, height: 40 }], annotations, categories: [{ id: 1, name: 'cat' }] }),
  );
  const pickled = await load('refs(unc).p', encodePickle(refs), { instances });
  expect(pickled).toEqual(await load('refs.json', JSON.stringify(refs), { instances }));
  expect(pickled[1]).toMatchObject({
    id: '5',
    predictionId: 'val:0:1',
    imageId: '9',
    boxes: [[1, 2, 4, 6]],
    category: 'cat',
  });
  await expect(load('refs(unc).p', encodePickle(refs))).rejects.toThrowError(/--instances/);
});

it("reads one's own CSV and JSON Lines as the trainer does", async () => {
  const csv =
    'image,expression,box,box_format,split\nkitchen/0001.jpg,red cup,1 2 3 4,xywh,val\nbath/0001.jpg,"a, b",,,val\n1.png,cup,5 6 7 8,xyxy,train\n';
  const expressions = await load('own.csv', csv);
  expect(
    expressions.map(({ predictionId, imageId, boxes, unannotated = false }) => [
      predictionId,
      imageId,
      boxes,
      unannotated,
    ]),
  ).toEqual([
    ['val:0:0', 'kitchen/0001.jpg', [[1, 2, 4, 6]], false],
    ['val:1:0', 'bath/0001.jpg', [], true],
    ['train:0:0', '1.png', [[5, 6, 7, 8]], false],
  ]);
  const lines = [
    { image: 'kitchen/0001.jpg', expression: 'red cup', box: [1, 2, 3, 4], boxFormat: 'xywh', split: 'val' },
    { image: 'bath/0001.jpg', expression: 'a, b', split: 'val' },
    { image: '1.png', expression: 'cup', box: [5, 6, 7, 8], boxFormat: 'xyxy', split: 'train' },
  ];
  expect(await load('own.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'))).toEqual(expressions);
  await expect(load('own.csv', csv, { split: 'test' })).rejects.toThrowError(/one of val, train/);
});

it('says which forms are read', async () => {
  for (const content of ['image;expression', '', 'hello']) {
    await expect(load('own.txt', content)).rejects.toThrowError(
      /SimREC JSON.*CSV with the columns image, expression, box/s,
    );
  }
});
