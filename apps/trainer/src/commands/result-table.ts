import { formatTable } from '@refclip/app-shared';
import type { SplitEvaluation } from '../evaluation/evaluate-split.js';

/** Accuracies beside the baselines, for people. */
export function resultTable(splits: readonly SplitEvaluation[]): string {
  const percent = (value: number) => value.toFixed(2);
  return formatTable(
    ['accuracy, % (IoU > 0.5)', 'RefCLIP', 'random anchor', 'most confident', 'best anchor', 'expressions'],
    splits.map(({ split, accuracy, count, baselines: { randomAnchor, mostConfident, bestAnchor } }) => [
      split,
      percent(accuracy),
      percent(randomAnchor),
      percent(mostConfident),
      percent(bestAnchor),
      String(count),
    ]),
  );
}

/** The same for programs: `splits` and `baselines` by split. */
export function resultJson(splits: readonly SplitEvaluation[]) {
  return {
    splits: Object.fromEntries(splits.map(({ split, accuracy, count }) => [split, { accuracy, count }])),
    baselines: Object.fromEntries(splits.map(({ split, baselines }) => [split, baselines])),
  };
}
