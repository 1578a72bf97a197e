import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { summarizeEvaluation } from '../src/evaluation/summarize-evaluation.js';
import { evaluateFile } from '../src/files/evaluate-file.js';

const shared = process.env.REFCLIP_SHARED;
if (!shared) throw new Error('Set REFCLIP_SHARED to the folder with the shared data.');

// What LBYLNet's own rows say of boxes that do not meet: verdicts at 0.5 that its formula, which never clamps, gets wrong.
it.each([
  ['val', 10834, 675, 2],
  ['testA', 5657, 288, 0],
  ['testB', 5095, 311, undefined],
])('reproduces the published accuracies of LBYLNet on %s', async (split, count, differing, changes) => {
  const folder = join(shared, 'real/predictions/lbylnet-bert-refcoco', split);
  const published: Record<string, number> = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8'));
  const thresholds = Object.keys(published).map(Number);
  const file = join(folder, 'results.json');
  const recorded = await evaluateFile(file, { iou: 'recorded', count });
  expect(recorded.format).toBe('per-expression');
  const summary = summarizeEvaluation(recorded.evaluation, { thresholds, resamples: 100 });
  expect(summary.problems.missing.count).toBe(1);
  expect(thresholds.length).toBe(9);
  for (const [threshold, accuracy] of Object.entries(published)) {
    expect(Math.abs(summary.accuracy[threshold]! / 100 - accuracy)).toBeLessThan(1e-9);
  }
  const boxes = summarizeEvaluation((await evaluateFile(file, { count })).evaluation, { thresholds, resamples: 100 });
  expect(boxes.recorded).toMatchObject({ compared: count - 1, differing });
  expect(boxes.recorded!.reasons).toMatchObject({ 'not clamped': differing, unexplained: 0 });
  const wrongly = boxes.recorded!.changes.length;
  if (changes !== undefined) expect(wrongly).toBe(changes);
  expect(boxes.accuracy['0.5']).toBeCloseTo(summary.accuracy['0.5']! - (100 * wrongly) / count, 9);
});
