import { formatTable } from '@refclip/app-shared';
import type { SplitEvaluation } from '../evaluation/evaluate-split.js';

/** Accuracies beside the baselines where there are some, for people. @param model name of the model. */
export function resultTable(model: string, splits: readonly SplitEvaluation[]): string {
  const percent = (value: number | null | undefined) => (value === null ? 'unknown' : (value?.toFixed(2) ?? '–'));
  return formatTable(
    ['accuracy, % (IoU > 0.5)', model, 'random anchor', 'most confident', 'best anchor', 'expressions'],
    splits.map(({ split, accuracy, count, baselines }) => [
      split,
      percent(accuracy),
      percent(baselines?.randomAnchor),
      percent(baselines?.mostConfident),
      percent(baselines?.bestAnchor),
      String(count),
    ]),
  );
}

/** The same for programs: `splits` and `baselines` by split; an accuracy that nobody knows is `null`. */
export function resultJson(splits: readonly SplitEvaluation[]) {
  return {
    splits: Object.fromEntries(splits.map(({ split, accuracy, count }) => [split, { accuracy, count }])),
    baselines: Object.fromEntries(splits.flatMap(({ split, baselines }) => (baselines ? [[split, baselines]] : []))),
  };
}
