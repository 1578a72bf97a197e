import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-eval-names-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Line {
  readonly id?: string | number;
  readonly imageId?: string | number;
  readonly expression?: string;
  readonly box: readonly number[];
  readonly split?: string;
  readonly truth?: readonly number[];
}

async function score(truth: unknown, lines: readonly Line[], ...more: string[]) {
  const [annotations, predictions] = [join(folder, 'a.json'), join(folder, 'p.jsonl')];
  await writeFile(annotations, JSON.stringify(truth));
  await writeFile(predictions, lines.map((line) => JSON.stringify({ boxFormat: 'xyxy', ...line })).join('\n'));
  let [out, error] = ['', ''];
  const args = ['score', '--predictions', predictions, '--annotations', annotations, '--json', ...more];
  const code = await runCli(args, { out: (text) => (out += text), error: (text) => (error += text) });
  return { code, error, result: code === 0 ? JSON.parse(out) : undefined };
}

const record = (iid: string | number, x: number, refs = ['the cup']) => ({ iid, bbox: [x, 0, 10, 10], refs });
const line = (imageId: string | number, x: number, expression = 'the cup'): Line => ({
  imageId,
  expression,
  box: [x, 0, x + 10, 10],
});

describe('images by name', () => {
  it('keeps folders with equal file names apart, in whichever order', async () => {
    const truth = { val: [record('kitchen/0001.jpg', 0), record('bath/0001.jpg', 100), record('1.png', 200)] };
    const lines = [line('1.png', 200), line('bath\\0001.jpg', 100), line('./kitchen/0001.jpg', 0)];
    const { result } = await score(truth, lines, '--join', 'image-expression');
    expect([result.count, result.accuracy['0.5']]).toEqual([3, 100]);
    // Two of three right, each image for itself: all 10 samples of three images occur, so the interval spans them.
    const wrong = [...lines.slice(1), line('1.png', 0)];
    const { interval } = (await score(truth, wrong, '--join', 'image-expression')).result;
    expect(interval.low).toBeLessThan(34);
    expect(interval.high).toBe(100);
  });

  it('refuses a name that fits two images, naming them', async () => {
    const truth = { val: [record('kitchen/0001.jpg', 0), record('bath/0001.jpg', 100)] };
    const { code, error } = await score(truth, [line('0001.jpg', 0)], '--join', 'image-expression');
    expect([code, error]).toEqual([1, expect.stringContaining('kitchen/0001.jpg, bath/0001.jpg')]);
    expect(error).toContain('line 1');
    const short = await score(
      { val: [record('0001.jpg', 0)] },
      [line('a/0001.jpg', 0), line('b/0001.jpg', 0)],
      '--join',
      'image-expression',
    );
    expect([short.code, short.error]).toEqual([1, expect.stringContaining('both fit the one image')]);
  });

  it('gives what a join by id gives, however the names are written', async () => {
    const forms = [
      (id: number) => id,
      (id: number) => String(id),
      (id: number) => `COCO_train2014_${String(id).padStart(12, '0')}.jpg`,
      (id: number) => `train2014\\COCO_train2014_${String(id).padStart(12, '0')}_3`,
      (id: number) => `${String(id).padStart(12, '0')}.JPG`,
      (id: number) => `${id}.jpg`,
    ];
    const ids = Array.from({ length: 12 }, (_, at) => 3 * at + 1);
    const right = (at: number) => at % 3 !== 0;
    const byId = ids.map((id, at) => ({ ...line(id, right(at) ? 10 * at : 900), id: at }));
    const truthOf = (form: (id: number) => string | number) => ({
      val: ids.map((id, at) => record(form(id), 10 * at)),
    });
    const { accuracy, interval } = (
      await score(
        truthOf((id) => id),
        byId,
      )
    ).result;
    expect(accuracy['0.5']).toBeCloseTo((100 * 8) / 12, 9);
    for (const stored of forms) {
      for (const asked of forms) {
        const lines = byId
          .map(({ imageId, id: _, ...rest }) => ({ ...rest, imageId: asked(imageId as number) }))
          .reverse();
        const { result, error } = await score(truthOf(stored), lines, '--join', 'image-expression');
        expect(result?.accuracy, error).toEqual(accuracy);
        expect(result.interval.standardError).toBeCloseTo(interval.standardError, 0);
      }
    }
  });

  it('leaves out images that a list names in another way, and tells what it has in vain', async () => {
    const truth = { val: [record('kitchen/0001.jpg', 0), record('bath/0001.jpg', 100), record(25, 200)] };
    const lines = [line('kitchen/0001.jpg', 900), line('bath/0001.jpg', 100), line(25, 900)].map((one, id) => ({
      ...one,
      id,
    }));
    const list = join(folder, 'ids.txt');
    await writeFile(list, 'photos\\kitchen\\0001.jpg\nCOCO_val2014_000000000025.jpg\nhall/0001.jpg\n');
    const { result, error } = await score(truth, lines, '--exclude', list, '--exclude-by', 'image');
    expect([result?.count, result?.excluded, result?.accuracy['0.5']], error).toEqual([1, 2, 100]);
    expect(error).toContain(
      '1 of 3 excluded ids (by image) belong to nothing here, and leave nothing out: hall/0001.jpg',
    );
  });

  it('tells equal expressions of one image apart by their split and ref', async () => {
    const truth = {
      train: [{ ...record(1, 500), mask_id: 9 }],
      val: [
        { ...record(1, 0), mask_id: 7 },
        { ...record(1, 100), mask_id: 8 },
      ],
    };
    const lines = [
      { ...line(1, 100), split: 'val', refId: 8 },
      { ...line(1, 0), split: 'val', refId: 7 },
    ];
    const { result, error } = await score(truth, lines, '--join', 'image-expression');
    expect([result.count, result.accuracy['0.5']]).toEqual([2, 100]);
    expect(error).toContain('scored on val');
  });
});

describe("ids by place, as the trainer's files have them", () => {
  const truth = {
    train: [record(1, 0), record(2, 0)],
    val: [record(3, 10, ['red cup', 'left one']), { iid: 4, refs: ['no box here'] }, record(5, 20, ['blue cup'])],
  };
  const lines: Line[] = [
    { ...line(5, 20, 'blue cup'), id: 'val:2:0' },
    { ...line(3, 10, 'red cup'), id: 'val:0:0' },
    { ...line(3, 90, 'left one'), id: 'val:0:1' },
    { ...line(4, 90, 'no box here'), id: 'val:1:0' },
  ].map((one) => ({ ...one, split: 'val' }));

  it('need no split and no rule, and say what they leave out', async () => {
    for (const more of [[], ['--split', 'val']]) {
      const { result, error } = await score(truth, lines, ...more);
      expect(result, error).toMatchObject({
        count: 3,
        unannotated: 1,
        problems: { missing: { count: 0 }, extra: { count: 0 } },
      });
      expect(result.accuracy['0.5']).toBeCloseTo(200 / 3, 9);
      expect(error).toContain('1 expressions have no box');
      expect(error.includes('train of')).toBe(more.length === 0);
    }
    const { result } = await score(truth, lines.slice(1), '--split', 'val');
    expect(result).toMatchObject({ count: 3, problems: { missing: { count: 1, names: ['val 3'] } } });
  });

  it('are refused where the annotations changed', async () => {
    const changed = [
      { ...truth, val: [...truth.val].reverse() },
      { ...truth, val: truth.val.slice(0, 2) },
      { ...truth, val: [record(6, 10, ['red cup', 'left one']), ...truth.val.slice(1)] },
      { ...truth, val: [record(3, 10, ['red cup', 'right one']), ...truth.val.slice(1)] },
    ];
    for (const other of changed) {
      const { code, error } = await score(other, lines);
      expect([code, error]).toEqual([1, expect.stringContaining('Were the annotations changed since?')]);
      expect(error).toMatch(/\(val:\d:\d is /);
    }
    const tokenized = lines.map((one) => ({
      ...one,
      expression: ` ${one.expression?.toUpperCase().replace(' ', '-')}.`,
    }));
    expect((await score(truth, tokenized)).code).toBe(0);
  });

  it('by number are refused where more than a tenth is of other expressions', async () => {
    const numbered = lines.map((one, at) => ({ ...one, id: at }));
    const { code, error } = await score(truth, numbered);
    expect([code, error]).toEqual([1, expect.stringContaining('of other expressions or images')]);
  });
});

it('speaks of no image where none is named', async () => {
  const file = join(folder, 'none.jsonl');
  const scored = async (lines: readonly object[]) => {
    await writeFile(file, lines.map((one) => JSON.stringify({ ...one, boxFormat: 'xyxy' })).join('\n'));
    let out = '';
    const streams = { out: (text: string) => (out += text), error: () => {} };
    expect(await runCli(['score', '--predictions', file], streams)).toBe(0);
    return out;
  };
  const lines = [0, 1].map((id) => ({ id, box: [0, 0, 4, 4], truth: [0, 0, 4, 4 + 9 * id] }));
  const without = await scored(lines);
  expect(without).toContain('95 % interval by expression');
  expect(without).not.toContain('image');
  const named = await scored(lines.map((one) => ({ ...one, imageId: 3 })));
  expect(named).toContain('95 % interval by image');
  expect(named).toContain('mean over images');
});
