import { boxIou, type XyxyBox } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { expect, it } from 'vitest';
import { computeAccuracyCurve } from '../report/compute-accuracy-curve.js';
import { Evaluator } from './evaluator.js';
import { summarizeEvaluation } from './summarize-evaluation.js';

const expressions = [
  'left man',
  'the red car behind the tree',
  'second zebra',
  'dog',
  'a very long tale of one grey cat',
];

/** 400 answers with up to six boxes each, whole pixels, on 60 images; from a tenth the box is missing. */
const random = mulberry32(21, 400 * 40);
const rows = Array.from({ length: 400 }, (_, i) => {
  let at = 40 * i;
  const u = () => random[at++]!;
  const [x, y] = [Math.floor(u() * 50), Math.floor(u() * 50)];
  const truth: XyxyBox = [x, y, x + 5 + Math.floor(u() * 150), y + 5 + Math.floor(u() * 150)];
  const count = u() < 0.1 ? 0 : 1 + Math.floor(u() * 6);
  const boxes = Array.from({ length: count }, (): XyxyBox => {
    const move = () => Math.floor((u() - 0.5) * 60);
    const [left, top] = [truth[0] + move(), truth[1] + move()];
    return [left, top, Math.max(left + 1, truth[2] + move()), Math.max(top + 1, truth[3] + move())];
  });
  return {
    at: `line ${i}`,
    id: String(i),
    imageId: String(Math.floor(u() * 60)),
    split: u() < 0.5 ? 'val' : 'testA',
    expression: expressions[Math.floor(u() * 5)]!,
    category: 'abc'[Math.floor(u() * 3)]!,
    boxes,
    truths: [truth] as const,
  };
});

const evaluator = new Evaluator();
for (const row of rows) evaluator.add(row);
const evaluation = evaluator.finish();
const summary = summarizeEvaluation(evaluation, { thresholds: [0.5, 0.7], resamples: 100 });

const percentOf = (some: readonly unknown[], all: readonly unknown[]) => (100 * some.length) / all.length;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
type Row = (typeof rows)[number];
const iouOf = ({ boxes, truths }: Row, k = 1) => Math.max(0, ...boxes.slice(0, k).map((box) => boxIou(box, truths[0])));
const isRight = (row: Row) => iouOf(row) > 0.5;

it('has the accuracies, mean IoU and averages of a loop over the rows', () => {
  expect(summary.count).toBe(400);
  expect(summary.accuracy['0.5']).toBeCloseTo(percentOf(rows.filter(isRight), rows), 10);
  expect(summary.accuracy['0.7']).toBeCloseTo(
    percentOf(
      rows.filter((row) => iouOf(row) > 0.7),
      rows,
    ),
    10,
  );
  expect(summary.accuracy['0.5']).toBeGreaterThan(20);
  expect(summary.accuracy['0.5']).toBeLessThan(80);
  expect(summary.meanIou).toBeCloseTo(mean(rows.map((row) => iouOf(row))), 12);
  const average = mean(
    Array.from({ length: 10 }, (_, t) =>
      percentOf(
        rows.filter((row) => iouOf(row) > (50 + 5 * t) / 100),
        rows,
      ),
    ),
  );
  expect(summary.averageAccuracy).toBeCloseTo(average, 10);
  const averageBy = (key: (row: Row) => string) =>
    mean(
      [...new Set(rows.map(key))].map((value) => {
        const own = rows.filter((row) => key(row) === value);
        return percentOf(own.filter(isRight), own);
      }),
    );
  expect(summary.perImageAccuracy).toBeCloseTo(
    averageBy((row) => row.imageId),
    10,
  );
  expect(summary.perCategoryAccuracy).toBeCloseTo(
    averageBy((row) => row.category),
    10,
  );
});

it('counts the right box among the first k, and centers inside', () => {
  for (const k of [1, 5, 10]) {
    expect(summary.topK![k]).toBeCloseTo(
      percentOf(
        rows.filter((row) => iouOf(row, k) > 0.5),
        rows,
      ),
      10,
    );
  }
  const centered = rows.filter(({ boxes: [box], truths: [truth] }) => {
    if (!box) return false;
    const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    return x >= truth[0] && x < truth[2] && y >= truth[1] && y < truth[3];
  });
  expect(summary.centerAccuracy).toBeCloseTo(percentOf(centered, rows), 10);
});

it('breaks down as filtering by each property does', () => {
  const propertyOf: Readonly<Record<string, (row: Row) => string>> = {
    split: ({ split }) => split,
    category: ({ category }) => category,
    'object size': ({ truths: [[x1, y1, x2, y2]] }) => {
      const area = (x2 - x1) * (y2 - y1);
      return area < 1024 ? 'small (< 32² px)' : area < 9216 ? 'medium (< 96² px)' : 'large';
    },
    'place words': ({ expression }) => (/\bleft\b/.test(expression) ? 'with' : 'without'),
    'relation words': ({ expression }) => (/\bbehind\b/.test(expression) ? 'with' : 'without'),
    'ordinal words': ({ expression }) => (/\bsecond\b/.test(expression) ? 'with' : 'without'),
    'color words': ({ expression }) => (/\b(?:red|grey)\b/.test(expression) ? 'with' : 'without'),
  };
  for (const [name, property] of Object.entries(propertyOf)) {
    const found = summary.breakdowns.find((breakdown) => breakdown.name === name)!.rows;
    expect(found.length).toBe(new Set(rows.map(property)).size);
    for (const { label, count, accuracy } of found) {
      const own = rows.filter((row) => property(row) === label);
      expect(count).toBe(own.length);
      expect(accuracy).toBeCloseTo(percentOf(own.filter(isRight), own), 10);
    }
  }
});

it('has a curve of the accuracies at every threshold', () => {
  const { thresholds, accuracy } = computeAccuracyCurve(evaluation.table, '>');
  expect(thresholds.length).toBe(41);
  for (const [t, threshold] of thresholds.entries()) {
    expect(accuracy[t]).toBeCloseTo(
      percentOf(
        rows.filter((row) => iouOf(row) > threshold),
        rows,
      ),
      10,
    );
  }
});
