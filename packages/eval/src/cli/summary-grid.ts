import type { Comparison } from '../evaluation/compare-evaluations.js';
import type { EvaluationSummary } from '../evaluation/summarize-evaluation.js';
import type { Grid } from './format-grid.js';

/** The figures of one or more files, one row per file. */
export function summaryGrid(summaries: readonly (EvaluationSummary & { readonly file: string })[]): Grid {
  const [first] = summaries;
  const thresholds = Object.keys(first?.accuracy ?? {});
  const has = (of: (summary: EvaluationSummary) => unknown) => summaries.some((summary) => of(summary) !== undefined);
  const columns: readonly (readonly [string, number, (summary: EvaluationSummary) => number | undefined])[] = [
    ['expressions', 0, ({ count }) => count],
    ...thresholds.map(
      (threshold) => [`Acc@${threshold}`, 2, ({ accuracy }: EvaluationSummary) => accuracy[threshold]] as const,
    ),
    ['interval low', 2, ({ interval }) => interval.low],
    ['interval high', 2, ({ interval }) => interval.high],
    ['mean IoU', 4, ({ meanIou }) => meanIou],
    ['0.5:0.95', 2, ({ averageAccuracy }) => averageAccuracy],
    ['center', 2, ({ centerAccuracy }) => centerAccuracy],
    ['per image', 2, ({ perImageAccuracy }) => perImageAccuracy],
  ];
  const calibration = ({ calibration: known }: EvaluationSummary) => known?.expectedCalibrationError;
  const optional: typeof columns = [
    ['top 5', 2, ({ topK }) => topK?.['5']],
    ['calibration error', 4, calibration],
    ['F1=1', 2, ({ generalized }) => generalized?.perfect],
    ['N-acc', 2, ({ generalized }) => generalized?.noTargetAccuracy],
    ['mIoU (masks)', 4, ({ masks }) => masks?.meanIou],
    ['oIoU (masks)', 4, ({ masks }) => masks?.overallIou],
  ];
  const used = [...columns, ...optional.filter(([, , of]) => has(of))];
  return {
    columns: ['file', ...used.map(([name]) => name)],
    digits: [0, ...used.map(([, digits]) => digits)],
    rows: summaries.map((summary) => [summary.file, ...used.map(([, , of]) => of(summary))]),
  };
}

/** A comparison and the names of what it compares. */
export type NamedComparison = Comparison & {
  readonly first: string;
  readonly second: string;
  readonly threshold: number;
};

/** Comparisons, one row each. */
export function comparisonGrid(comparisons: readonly NamedComparison[]): Grid {
  return {
    columns: [
      'first',
      'second',
      'expressions',
      'Acc first',
      'Acc second',
      'difference',
      'low',
      'high',
      'p bootstrap',
      'p McNemar',
    ],
    digits: [0, 0, 0, 2, 2, 2, 2, 2, 4, 4],
    rows: comparisons.map(({ first, second, count, accuracyFirst, accuracySecond, difference, mcnemar }) => [
      first,
      second,
      count,
      accuracyFirst,
      accuracySecond,
      difference.estimate,
      difference.low,
      difference.high,
      difference.pValue,
      mcnemar.pValue,
    ]),
  };
}
