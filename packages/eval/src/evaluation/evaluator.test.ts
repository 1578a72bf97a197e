import { DataFormatError, UsageError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import type { PredictionRow } from '../predictions/prediction-row.js';
import { parseInstances } from '../truth/parse-instances.js';
import { parseReferTruth } from '../truth/parse-refer-truth.js';
import { parseSimrecTruth } from '../truth/parse-simrec-truth.js';
import { compareEvaluations } from './compare-evaluations.js';
import { Evaluator, type EvaluatorOptions } from './evaluator.js';
import { summarizeEvaluation } from './summarize-evaluation.js';

const truth = parseSimrecTruth({
  val: [
    { iid: 1, bbox: [0, 0, 10, 10], cat_id: 0, refs: ['left cat', 'red cat'], mask_id: 70, sent_ids: [5, 6] },
    { iid: 2, bbox: [5, 5, 10, 10], cat_id: 1, refs: ['dog'], mask_id: 71, sent_ids: [7] },
    { iid: 2, bbox: [50, 50, 10, 10], cat_id: 1, refs: ['second dog'], mask_id: 72, sent_ids: [8] },
  ],
});
const row = (id: number | undefined, box?: readonly number[], more: Partial<PredictionRow> = {}): PredictionRow => ({
  at: `line ${id}`,
  id: id === undefined ? undefined : String(id),
  boxes: box ? [box as [number, number, number, number]] : [],
  ...more,
});
function evaluate(rows: readonly PredictionRow[], options: EvaluatorOptions = {}) {
  const evaluator = new Evaluator(options);
  for (const r of rows) evaluator.add(r);
  return evaluator.finish();
}
const accuracyOf = (evaluation: ReturnType<typeof evaluate>) =>
  summarizeEvaluation(evaluation, { resamples: 100 }).accuracy['0.5'];
const perfect = [row(0, [0, 0, 10, 10]), row(1, [0, 0, 10, 10]), row(2, [5, 5, 15, 15]), row(3, [50, 50, 60, 60])];

describe('Evaluator', () => {
  it('refuses to count what is in another order, or gathered by picture', () => {
    const boxOf = (i: number) => perfect[i]!.boxes[0]!;
    const images = ['1', '1', '2', '2'];
    const rows = images.map((imageId, i) => row(undefined, boxOf(i), { imageId }));
    expect(accuracyOf(evaluate(rows, { truth, join: 'position' }))).toBe(100);
    expect(() => evaluate([...rows].reverse(), { truth, join: 'position' })).toThrowError(/in their places/);
    const gathered = ['1', '2'].map((id) => row(Number(id), undefined, { imageId: id, boxes: [boxOf(0), boxOf(1)] }));
    const options = { truth, join: 'position', format: 'coco' } as const;
    expect(() => evaluate(gathered, options)).toThrowError(/2 of 2 values of image_id come more than once/);
    // COCO results that number the expressions by image_id.
    const numbered = perfect.map((one, i) => ({ ...one, imageId: String(i), boxes: [...one.boxes, boxOf(0)] }));
    expect(accuracyOf(evaluate(numbered, options))).toBe(100);
  });
  it('joins what a training held out with the training records, and asks for no others', () => {
    const record = (iid: number) => ({ iid, bbox: [0, 0, 10, 10], cat_id: 0, refs: ['cat', 'dog'], mask_id: iid });
    const train = [record(1), record(2), record(3)];
    const held = [0, 1].map((at) => ({ ...row(at, [0, 0, 10, 10]), id: `held-out:1:${at}`, split: 'held-out' }));
    const boxed = evaluate(held, { truth: parseSimrecTruth({ train }) });
    expect([accuracyOf(boxed), boxed.table.length, boxed.problems.missing.count]).toEqual([100, 2, 0]);
    expect(
      accuracyOf(
        evaluate([held[0]!, { ...held[1]!, boxes: [[20, 0, 30, 10]] }], { truth: parseSimrecTruth({ train }) }),
      ),
    ).toBe(50);
    const { bbox: _, ...boxless } = record(2);
    const partly = parseSimrecTruth({ train: [record(1), boxless, record(3)] });
    const evaluation = evaluate([...held, { ...held[0]!, id: 'held-out:2:0' }], { truth: partly });
    expect([evaluation.table.length, evaluation.unannotated]).toEqual([1, 2]);
  });
  it('scores what is right', () => {
    expect(accuracyOf(evaluate(perfect, { truth }))).toBe(100);
  });
  it('counts, names and scores wrong what is missing, repeated, extra, NaN, degenerate or no box', () => {
    const wrong: [string, PredictionRow[], number, string][] = [
      ['missing', perfect.slice(1), 75, 'val 0'],
      ['duplicate', [...perfect, perfect[1]!], 75, 'val 1'],
      ['extra', [...perfect, row(9, [0, 0, 1, 1])], 80, '(no such expression) line 9'],
      ['not-a-number', [...perfect.slice(1), row(0, [0, 0, Number.NaN, 10])], 75, 'val 0'],
      ['degenerate', [...perfect.slice(1), row(0, [10, 0, 0, 10])], 75, 'val 0'],
      ['no-box', [...perfect.slice(1), row(0)], 75, 'val 0'],
    ];
    for (const [status, rows, accuracy, name] of wrong) {
      const evaluation = evaluate(rows, { truth });
      expect(evaluation.problems).toMatchObject({ [status]: { count: 1, names: [name] } });
      expect(accuracyOf(evaluation)).toBe(accuracy);
    }
  });
  it('joins by sentence, ref, image and expression, image, and position', () => {
    const boxOf = (i: number) => perfect[i]!.boxes[0];
    const sentences = [5, 6, 7, 8].map((id, i) => row(id, boxOf(i)));
    expect(accuracyOf(evaluate(sentences, { truth, format: 'refer' }))).toBe(100);
    const refs = [0, 2, 3].map((i, r) => row(undefined, boxOf(i), { refId: String(70 + r) }));
    expect(accuracyOf(evaluate(refs, { truth, format: 'refer' }))).toBe(100);
    const texts = ['LEFT cat ', 'red cat', 'dog', 'second dog'].map((expression, i) =>
      row(undefined, boxOf(i), { imageId: i < 2 ? '1' : '2', expression }),
    );
    expect(accuracyOf(evaluate(texts, { truth }))).toBe(100);
    expect(accuracyOf(evaluate(texts, { truth, join: 'position' }))).toBe(100);
    expect(() => evaluate(texts, { truth, join: 'image' })).toThrowError(/has 2 expressions/);
  });
  it('refuses a join that fits nothing or contradicts the truth that rows carry', () => {
    expect(() => evaluate([row(100, [0, 0, 1, 1])], { truth })).toThrowError(/none of the 1 predictions/);
    const carried = perfect.map((r) => ({ ...r, truths: [[70, 70, 80, 80] as const] }));
    expect(() => evaluate(carried, { truth })).toThrowError(/pairs other expressions/);
    expect(() => evaluate(perfect, { truth, format: 'per-expression' })).toThrowError(/rule of joining/);
  });
  it('leaves out a list of ids', () => {
    const evaluation = evaluate([...perfect.slice(1), row(0)], { truth, exclude: new Set(['0']) });
    expect(evaluation.excluded).toBe(1);
    expect(summarizeEvaluation(evaluation, { resamples: 100 })).toMatchObject({ count: 3, accuracy: { '0.5': 100 } });
  });
  it('takes truth from the file, sets other splits aside, and counts what the file lacks', () => {
    const truths = [[0, 0, 10, 10] as const];
    const rows = [
      row(0, [0, 0, 10, 10], { truths, split: 'val' }),
      row(0, [0, 0, 10, 10], { truths, split: 'testA' }),
      row(1, [0, 0, 2, 2], { truths, split: 'val' }),
    ];
    const evaluation = evaluate(rows, { split: 'val', count: 4 });
    expect(evaluation).toMatchObject({ otherSplits: 1, problems: { missing: { count: 2 } } });
    expect(accuracyOf(evaluation)).toBe(25);
    expect(() => evaluate(rows, { count: 2 })).toThrowError(UsageError);
    expect(() => evaluate([row(0, [0, 0, 1, 1])])).toThrowError(DataFormatError);
  });
  it('scores none and many targets as sets', () => {
    const rows = [
      row(0, undefined, { truths: [] }),
      row(1, [0, 0, 1, 1], { truths: [] }),
      {
        ...row(2),
        boxes: [
          [0, 0, 9, 9],
          [20, 20, 30, 30],
        ] as const,
        truths: [
          [20, 20, 30, 30],
          [0, 0, 10, 10],
        ] as const,
      },
    ];
    const evaluation = evaluate(rows, { generalized: true, comparator: '>=' });
    expect(evaluation.generalized).toMatchObject({ count: 3, noTargetAccuracy: 50, targetAccuracy: 100 });
    expect(evaluation.generalized!.perfect).toBeCloseTo(200 / 3, 12);
    expect(() => evaluate(rows)).toThrowError(/generalized/);
  });
  it('breaks accuracy down by what is known of the expressions', () => {
    const { breakdowns } = summarizeEvaluation(evaluate([...perfect.slice(1), row(0)], { truth }), { resamples: 100 });
    const rowsOf = (name: string) =>
      breakdowns.find((b) => b.name === name)?.rows.map((r) => [r.label, r.count, r.accuracy]);
    expect(rowsOf('place words')).toEqual([
      ['with', 1, 0],
      ['without', 3, 100],
    ]);
    expect(rowsOf('ordinal words')).toEqual([
      ['with', 1, 100],
      ['without', 3, 200 / 3],
    ]);
    expect(rowsOf('category')).toEqual([
      ['0', 2, 50],
      ['1', 2, 100],
    ]);
    expect(rowsOf('same-category objects')).toBeUndefined();
  });
});

describe('parseReferTruth', () => {
  it('takes boxes and same-category objects from the instances', () => {
    const annotation = (id: number) => ({ id, image_id: 3, category_id: 18, bbox: [1, 2, 3, 4] });
    const instances = parseInstances({
      images: [{ id: 3, width: 64, height: 48 }],
      annotations: [annotation(1), annotation(2)],
      categories: [{ id: 18, name: 'dog' }],
    });
    const refs = [{ ref_id: 4, ann_id: 2, image_id: 3, split: 'val', sentences: [{ sent_id: 11, sent: 'the dog' }] }];
    const [expression] = parseReferTruth(refs, { instances }).expressions;
    expect(expression).toMatchObject({ id: '11', boxes: [[1, 2, 4, 6]], category: 'dog', sameCategory: 2, width: 64 });
    expect(() => parseReferTruth(refs, {})).toThrowError(/instances/);
    expect(() => parseReferTruth(refs, { instances, split: 'x' })).toThrowError(/no split/);
  });
});

describe('compareEvaluations', () => {
  it('pairs by split and id', () => {
    const second = evaluate([...perfect.slice(1), row(0)].reverse(), { truth });
    const comparison = compareEvaluations(evaluate(perfect, { truth }), second, { resamples: 100 });
    expect(comparison).toMatchObject({ count: 4, shared: 4, accuracyFirst: 100, accuracySecond: 75 });
    expect(comparison.difference.estimate).toBe(25);
    expect(comparison.mcnemar).toMatchObject({ both: 3, onlyFirst: 1, onlySecond: 0, pValue: 1 });
  });
});
