import { DataFormatError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import { attachTruth } from '../evaluation/attach-truth.js';
import { Evaluator } from '../evaluation/evaluator.js';
import { summarizeEvaluation } from '../evaluation/summarize-evaluation.js';
import { parseSimrecTruth } from '../truth/parse-simrec-truth.js';
import { formatPredictions, type WritableFormat, writableFormats } from './format-predictions.js';
import { parsePredictions } from './parse-predictions.js';
import type { PredictionRow } from './prediction-row.js';

const rows: readonly PredictionRow[] = [
  {
    at: '1',
    id: '0',
    imageId: '9',
    expression: 'left "cat"',
    boxes: [[1, 2, 4, 6]],
    score: 0.5,
    truths: [[1, 2, 4, 5]],
  },
  { at: '2', id: '1', imageId: '9', expression: 'dog', boxes: [], truths: [[1, 2, 4, 5]] },
  {
    at: '3',
    id: 'c',
    imageId: 'a b',
    boxes: [
      [Number.NaN, 2, 4, 6],
      [0, 0, 1, 1],
    ],
    confidence: 0.25,
    truths: [[0, 0, 1, 1]],
  },
];
const read = (text: string, format: WritableFormat) => parsePredictions(text, { format }).rows;

describe('formatPredictions', () => {
  it('holds everything as refclip', () => {
    const { text, notes } = formatPredictions(rows, 'refclip');
    expect(notes).toEqual([]);
    expect(read(text, 'refclip')).toEqual(
      rows.map((row, i) => expect.objectContaining({ ...row, at: `line ${i + 1}` })),
    );
  });
  it.each(['per-expression', 'refer', 'coco'] as const)('reads back as %s, the first box of each', (format) => {
    const { text, notes } = formatPredictions(rows, format);
    const expected = rows
      .filter(({ boxes }) => format !== 'coco' || boxes.length > 0)
      .map(({ boxes }) => boxes.slice(0, 1));
    const boxes = read(text, format).map((row) => row.boxes);
    // Width and height of a box with one NaN are NaN too where a format writes sizes.
    expect(boxes.slice(0, -1)).toEqual(expected.slice(0, -1));
    expect(boxes.at(-1)![0]![0]).toBeNaN();
    expect(notes[0]).toContain('several boxes');
    expect(parsePredictions(text).format).toBe(format);
  });
  it('says which row lacks what', () => {
    const lacking = (format: WritableFormat, row: PredictionRow) => {
      try {
        formatPredictions([rows[0]!, row], format, { file: 'p' });
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const bare = { at: 'line 7', boxes: rows[0]!.boxes };
    expect(lacking('refer', bare)).toMatchObject({ file: 'p', record: 'line 7', field: 'sent_id' });
    expect(lacking('coco', bare)).toMatchObject({ record: 'line 7', field: 'imageId' });
    expect(lacking('per-expression', { ...bare, id: '0' })).toMatchObject({ record: 'line 7', field: 'id' });
    expect(lacking('refclip', bare)).toBeUndefined();
    expect(Object.keys(writableFormats)).toEqual(['refclip', 'per-expression', 'refer', 'coco']);
  });
});

describe('attachTruth', () => {
  const truth = parseSimrecTruth({
    val: [
      { iid: 9, bbox: [0, 0, 10, 10], cat_id: 0, refs: ['cat', 'Cat'], mask_id: 70, sent_ids: [5, 6] },
      { iid: 8, bbox: [5, 5, 10, 10], cat_id: 1, refs: ['dog'], mask_id: 71, sent_ids: [7] },
    ],
  });
  const options = { file: 'p', format: 'mmdetection' } as const;
  const answers: PredictionRow[] = ['cat', 'cat', 'dog', 'bird'].map((expression, i) => ({
    at: String(i),
    imageId: i < 2 ? '9' : '8',
    expression,
    boxes: [[0, 0, 10, 10]],
  }));
  it('gives each row what is known of its expression, equal texts in their order', () => {
    const attached = attachTruth(answers, truth, options);
    expect(attached.rows.map(({ id }) => id)).toEqual(['0', '1', '2', undefined]);
    expect(attached.notes).toEqual(['1 predictions belong to no known expression']);
    expect(attached.rows[2]).toMatchObject({ split: 'val', category: '1', truths: [[5, 5, 15, 15]] });
    expect(attachTruth(answers, truth, { ...options, ids: 'sentence' }).rows[1]!.id).toBe('6');
  });
  it('lets a ref answer every expression, and scores as the join itself does', () => {
    const refs: PredictionRow[] = [{ at: '0', refId: '70', boxes: [[0, 0, 10, 9]] }];
    const { rows: attached } = attachTruth(refs, truth, { file: 'p', format: 'refer' });
    expect(attached.map(({ expression }) => expression)).toEqual(['cat', 'Cat']);
    const evaluator = new Evaluator();
    for (const row of read(formatPredictions(attached, 'refclip').text, 'refclip')) evaluator.add(row);
    expect(summarizeEvaluation(evaluator.finish(), { resamples: 10 })).toMatchObject({
      count: 2,
      accuracy: { '0.5': 100 },
    });
  });
  it('refuses rows that belong nowhere', () => {
    expect(() => attachTruth([answers[3]!], truth, options)).toThrowError(DataFormatError);
    expect(attachTruth([], truth, options).rows).toEqual([]);
  });
});
