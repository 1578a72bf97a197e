import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, FileError } from '@refclip/structures';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PredictionRecord } from '../predictions/prediction-record.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import { readPredictionLines } from './read-prediction-lines.js';
import { PredictionWriter, writePredictions } from './write-predictions.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-eval-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(file: string, options?: Parameters<typeof readPredictionLines>[1]): Promise<PredictionRow[]> {
  const rows = [];
  for await (const row of readPredictionLines(file, options)) rows.push(row);
  return rows;
}

const predictions: PredictionRecord[] = [
  { id: 0, imageId: 9, split: 'val', expression: 'left "cat"\n', box: [1, 2, 30.5, 40], boxFormat: 'xyxy', score: -3 },
  { id: 1, imageId: 9, split: 'val', box: null, boxFormat: 'xyxy', confidence: 0.25, truth: [1, 2, 3, 4] },
  {
    id: 'c',
    imageId: 'a/b.jpg',
    boxes: [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ],
    boxFormat: 'xywh',
    truths: [],
  },
];

it('reads back what was written', async () => {
  const file = join(folder, 'new/predictions.jsonl');
  await writePredictions(file, predictions);
  const rows = await read(file);
  expect(rows[0]).toMatchObject({ at: 'line 1', id: '0', imageId: '9', expression: 'left "cat"\n', score: -3 });
  expect(rows[0]!.boxes).toEqual([[1, 2, 30.5, 40]]);
  expect(rows[1]).toMatchObject({ boxes: [], confidence: 0.25, truths: [[1, 2, 3, 4]] });
  expect(rows[2]).toMatchObject({
    imageId: 'a/b.jpg',
    boxes: [
      [1, 2, 4, 6],
      [5, 6, 12, 14],
    ],
    truths: [],
  });
});

it('shows nothing under the name before it is complete', async () => {
  const file = join(folder, 'p.jsonl');
  await writeFile(file, 'old');
  const writer = await PredictionWriter.create(file);
  for (let id = 0; id < 5000; id++) await writer.write({ ...predictions[0]!, id });
  expect(await readFile(file, 'utf8')).toBe('old');
  await writer.abort();
  expect(await readdir(folder)).toEqual(['p.jsonl']);
  const failing = (function* () {
    yield predictions[0]!;
    throw new Error('stop');
  })();
  await expect(writePredictions(file, failing)).rejects.toThrowError('stop');
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['p.jsonl']);
});

it('writes NaN so that it reads as NaN', async () => {
  const file = join(folder, 'p.jsonl');
  await writePredictions(file, [{ id: 0, box: [Number.NaN, 1, 2, 3], boxFormat: 'xyxy' }]);
  expect((await read(file))[0]!.boxes[0]).toEqual([Number.NaN, 1, 2, 3]);
  await writeFile(file, '{"id": "NaN", "box": [NaN, 1, -Infinity, 3], "boxFormat": "xyxy"}');
  expect((await read(file))[0]).toMatchObject({ id: 'NaN', boxes: [[Number.NaN, 1, Number.NaN, 3]] });
});

it('reads Windows line ends, a byte order mark, empty lines and a last line without an end', async () => {
  const file = join(folder, 'p.jsonl');
  await writeFile(file, '\ufeff{"id":1,"box":null,"boxFormat":"xyxy"}\r\n\r\n{"id":2,"box":null,"boxFormat":"xyxy"}');
  expect((await read(file)).map((row) => [row.id, row.at])).toEqual([
    ['1', 'line 1'],
    ['2', 'line 3'],
  ]);
});

it.each([
  ['truncated', '{"id":1,"box":[1,2', 'line 2', undefined],
  ['no box', '{"id":1,"boxFormat":"xyxy"}', 'line 2', 'box'],
  ['no id', '{"box":null,"boxFormat":"xyxy"}', 'line 2', 'id'],
  ['undeclared format', '{"id":1,"box":[1,2,3,4]}', 'line 2', 'boxFormat'],
  ['unknown format', '{"id":1,"box":[1,2,3,4],"boxFormat":"yxyx"}', 'line 2', 'boxFormat'],
  ['wrong type', '{"id":1,"box":[1,"2",3,4],"boxFormat":"xyxy"}', 'line 2', 'box'],
  ['object for id', '{"id":{},"box":[1,2,3,4],"boxFormat":"xyxy"}', 'line 2', 'id'],
  ['score as text', '{"id":1,"box":null,"boxFormat":"xyxy","score":"high"}', 'line 2', 'score'],
  ['a list', '[1,2,3]', 'line 2', '(line)'],
  ['a million columns', `{"id":1,"boxFormat":"xyxy","box":[${'1,'.repeat(999_999)}1]}`, 'line 2', 'box'],
  ['a line without end', 'x'.repeat((1 << 24) + 300_000), 'line 2', undefined],
])('says line and field: %s', async (_name, line, record, field) => {
  const file = join(folder, 'bad.jsonl');
  await writeFile(file, `{"id":0,"box":null,"boxFormat":"xyxy"}\n${line}\n`);
  const error = await read(file).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataFormatError);
  expect(error).toMatchObject({ file, record, field });
  expect((error as Error).message.length).toBeLessThan(300);
});

it('takes the box format of the call where a line has none', async () => {
  const file = join(folder, 'p.jsonl');
  await writeFile(file, '{"id":1,"box":[5,6,4,4]}');
  expect((await read(file, { boxFormat: 'cxcywh' }))[0]!.boxes).toEqual([[3, 4, 7, 8]]);
});

it('names a file that is not there', async () => {
  await expect(read(join(folder, 'none.jsonl'))).rejects.toThrowError(FileError);
  await writeFile(join(folder, 'file'), '');
  await expect(PredictionWriter.create(join(folder, 'file/p.jsonl'))).rejects.toThrowError(FileError);
});
