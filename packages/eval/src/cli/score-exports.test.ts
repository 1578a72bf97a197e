import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  labeledSplits,
  type ReferringRecord,
  type StudentFormatName,
  selectLabels,
  studentFormats,
} from '@refclip/data';
import { xywhToXyxy } from '@refclip/structures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-eval-exports-'));
});
afterEach(() => rm(folder, { recursive: true }));

const size = { width: 640, height: 480 };
const record = (image: number, x: number, text: string, maskId?: number): ReferringRecord => {
  return { image, box: [x, 0, 20, 20], expressions: [text], category: 0, size, maskId };
};

/** Writes annotations and, from labels that are all right, an export of those records that are kept; scores it. */
async function scoreExport(format: StudentFormatName, records: readonly ReferringRecord[], kept: readonly number[]) {
  const source = new Map([['train', records]]);
  const entries = [...new Set(records.map(({ image }) => image))].map((image) => ({
    image,
    file: `${image}.jpg`,
    ...size,
    detections: [],
    labels: records.flatMap(({ image: of, box, expressions }, at) => {
      if (of !== image) return [];
      const said = { objectness: 1, category: 0, similarity: kept.includes(at) ? 2 : 0, margin: 1, rank: 1 };
      return [{ record: at, expression: 0, text: expressions[0]!, box: xywhToXyxy(box!), ...said }];
    }),
  }));
  const selection = await selectLabels(entries, { policy: 'expression', minScore: 1 });
  const set = {
    name: 'own',
    split: 'train',
    splits: labeledSplits(source, 'train', selection.kept, 'expression'),
    words: [...new Set(records.flatMap(({ expressions }) => expressions.join(' ').split(' ')))],
    complete: kept.length === records.length,
    imageName: (image: number | string) => `${image}.jpg`,
    imageSize: async () => size,
    categories: 1,
    others: () => [],
  };
  const options = { transvgName: 'unc', splitBy: 'unc', masks: false };
  const { files } = await studentFormats[format].write(join(folder, format), set, options);
  const annotations = join(folder, 'annotations.json');
  const simrec = records.map(({ image, box, expressions, maskId }) => {
    return { iid: image, bbox: box, refs: expressions, mask_id: maskId };
  });
  await writeFile(annotations, JSON.stringify({ train: simrec }));
  let [out, error] = ['', ''];
  const args = ['score', '--predictions', files[0]!, '--annotations', annotations, '--json'];
  const code = await runCli(args, { out: (text) => (out += text), error: (text) => (error += text) });
  return { code, error, result: code === 0 ? JSON.parse(out) : undefined };
}

const twins = (...maskIds: number[]) => [
  record(1, 0, 'the cup', maskIds[0]),
  record(1, 100, 'the cup', maskIds[1]),
  record(2, 50, 'the plate', maskIds[2]),
];

describe.each(['simrec', 'transvg', 'realgin', 'odvg', 'jsonl'] as const)('an export as %s', (format) => {
  it('with all records is paired in order, and says so', async () => {
    const { result, error } = await scoreExport(format, twins(), [0, 1, 2]);
    expect([result?.count, result?.accuracy['0.5']], error).toEqual([3, 100]);
    expect(error).toContain('2 predictions answer equal expressions of one image');
  });

  it('that lacks one of two equal expressions is refused, naming both', async () => {
    const { code, error } = await scoreExport(format, twins(), [1, 2]);
    expect([code, error]).toEqual([1, expect.stringContaining('labels.jsonl')]);
    expect(error).toMatch(/"the cup" of image 1 is 2 expressions \(train:0:0, train:1:0\), with 1 prediction/);
  });

  it('that lacks an expression with a name of its own counts it as missing', async () => {
    const { result, error } = await scoreExport(format, twins(), [0, 1]);
    expect(result?.problems.missing, error).toEqual({ count: 1, names: ['train 2'] });
    expect(result.accuracy['0.5']).toBeCloseTo(200 / 3, 9);
  });

  it('that lacks one of two equal expressions of one box is scored', async () => {
    const [first, , plate] = twins();
    const { result, error } = await scoreExport(format, [first!, first!, plate!], [1, 2]);
    expect(result?.problems.missing.count, error).toBe(1);
    expect(result.accuracy['0.5']).toBeCloseTo(200 / 3, 9);
  });
});

it.each(['simrec', 'jsonl'] as const)('%s pairs by mask ids what is left of equal expressions', async (format) => {
  const { result, error } = await scoreExport(format, twins(7, 8, 9), [1, 2]);
  expect(result?.problems.missing, error).toEqual({ count: 1, names: ['train 0'] });
  expect(result.accuracy['0.5']).toBeCloseTo(200 / 3, 9);
});
