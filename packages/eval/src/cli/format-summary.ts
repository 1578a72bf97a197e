import { alignColumns } from '@refclip/furniture';
import type { EvaluationSummary } from '../evaluation/summarize-evaluation.js';
import type { NamedComparison } from './summary-grid.js';

const two = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(2));

const table = (rows: readonly (readonly string[])[]) => `${alignColumns(rows, '  ')}\n`;

/** The figures of one file for people to read. */
export function formatSummary(summary: EvaluationSummary & { readonly file: string; readonly format: string }): string {
  const { interval, comparator, problems } = summary;
  const accuracies = Object.entries(summary.accuracy).map(([t, value]) => [`Acc (IoU ${comparator} ${t})`, two(value)]);
  const figures = [
    ['expressions', String(summary.count)],
    ...accuracies,
    [`${100 * interval.level} % interval by ${summary.resampledBy}`, `${two(interval.low)} – ${two(interval.high)}`],
    ['average 0.5:0.95', two(summary.averageAccuracy)],
    ['mean IoU', summary.meanIou.toFixed(4)],
    ['center in truth', two(summary.centerAccuracy)],
    ...(summary.perImageAccuracy === undefined ? [] : [['mean over images', two(summary.perImageAccuracy)]]),
    ...Object.entries(summary.topK ?? {}).map(([k, value]) => [`top ${k}`, two(value)]),
    ...(summary.calibration ? [['calibration error', summary.calibration.expectedCalibrationError.toFixed(4)]] : []),
    ...Object.entries(summary.generalized ?? {}).map(([name, value]) => [`generalized: ${name}`, two(value)]),
    ...(summary.masks
      ? [
          ['mask mIoU', summary.masks.meanIou.toFixed(4)],
          ['mask oIoU', summary.masks.overallIou.toFixed(4)],
        ]
      : []),
  ];
  let text = `${summary.file} (${summary.format})\n${table(figures)}`;
  for (const [status, { count, names }] of Object.entries(problems)) {
    if (count > 0)
      text += `  ${status}: ${count}, scored wrong: ${names.slice(0, 5).join('; ')}${count > 5 ? '; …' : ''}\n`;
  }
  if (summary.degenerateTruths) text += `  empty truth boxes: ${summary.degenerateTruths}\n`;
  if (summary.excluded) text += `  left out on request: ${summary.excluded}\n`;
  if (summary.otherSplits) text += `  rows of other splits: ${summary.otherSplits}\n`;
  if (summary.unannotated) text += `  without a box in the annotations, left out: ${summary.unannotated}\n`;
  if (summary.recorded?.differing) {
    const { differing, compared, reasons, changes } = summary.recorded;
    const why = Object.entries(reasons).filter(([, count]) => count > 0);
    text += `  recorded IoU is not that of the boxes in ${differing} of ${compared} rows: ${why.map(([r, n]) => `${n} ${r}`).join(', ')}\n`;
    for (const { key, recorded, computed, reason } of changes.slice(0, 10)) {
      text += `    changes the verdict: ${key}, recorded ${recorded.toFixed(4)}, boxes ${computed.toFixed(4)} (${reason})\n`;
    }
  }
  for (const { name, rows } of summary.breakdowns) {
    const lines = rows
      .slice(0, 20)
      .map((row) => [row.label, String(row.count), two(row.accuracy), `± ${two(row.standardError)}`]);
    text += `\n${table([[name, 'count', 'accuracy', 'se'], ...lines])}`;
  }
  return `${text}\n`;
}

/** A comparison for people to read. */
export function formatComparison(named: NamedComparison): string {
  const { difference, mcnemar } = named;
  return table([
    ['expressions', `${named.count} (${named.shared} in both)`],
    [named.first, two(named.accuracyFirst)],
    [named.second, two(named.accuracySecond)],
    ['difference', `${two(difference.estimate)} [${two(difference.low)}, ${two(difference.high)}]`],
    [`p, paired bootstrap by ${named.resampledBy}`, difference.pValue.toPrecision(3)],
    ['only first / only second right', `${mcnemar.onlyFirst} / ${mcnemar.onlySecond}`],
    ['p, McNemar exact', mcnemar.pValue.toPrecision(3)],
  ]);
}
