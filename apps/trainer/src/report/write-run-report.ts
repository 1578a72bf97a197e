import { readFile } from 'node:fs/promises';
import type { EvaluationItem } from '@refclip/app-shared';
import type { ChartSeries, ReportSection } from '@refclip/eval';
import { writeReport } from '@refclip/eval/files';
import { imageKey } from '@refclip/records';
import type { SplitEvaluation } from '../evaluation/evaluate-split.js';

/** What the report of a run is made from. */
export interface RunReport {
  /** Title of the page. */
  readonly name: string;
  /** Name of the model. */
  readonly model: string;
  readonly splits: readonly SplitEvaluation[];
  /** Where the images are. */
  readonly items: ReadonlyMap<string, readonly EvaluationItem[]>;
  /** `log.jsonl` of the run. */
  readonly logFile: string;
}

/**
 * Writes the page about a run: the report of `@refclip/eval` with one entry per split, and with it the baselines and the course of training.
 *
 * @param splits  those with boxes are shown; one at least must have some.
 * @returns what a reader should know, e.g. that an image could not be shown.
 */
export async function writeRunReport(
  file: string,
  { name, model, splits, items, logFile }: RunReport,
): Promise<readonly string[]> {
  const files = new Map([...items.values()].flat().map(({ image, file }) => [imageKey(image), file]));
  const log = await readLog(logFile);
  const sections = [baselines(model, splits), lossOverSteps(log), accuracyOverEpochs(log)];
  return writeReport(
    file,
    splits.flatMap(({ split, evaluation }) => (evaluation ? [{ name: split, evaluation }] : [])),
    {
      title: name,
      note: `${model}, evaluated with the weights of the best epoch`,
      sections: sections.filter((section) => section !== undefined),
      images: { files },
    },
  );
}

/** What guessing and an oracle reach, where a model chooses from boxes it has before it knows the expression. */
function baselines(model: string, splits: readonly SplitEvaluation[]): ReportSection | undefined {
  if (!splits.some((split) => split.baselines)) return undefined;
  const percent = (value: number | null | undefined) => value?.toFixed(1) ?? '–';
  return {
    title: 'Beside the same boxes',
    text: 'Accuracy, % of expressions with IoU > 0.5, of the boxes that the model chooses from. Nothing that chooses among them can be better than the best.',
    table: {
      columns: ['split', model, 'random box', 'most confident box', 'best box'],
      rows: splits.map(({ split, accuracy, baselines: known }) => [
        split,
        percent(accuracy),
        percent(known?.randomAnchor),
        percent(known?.mostConfident),
        percent(known?.bestAnchor),
      ]),
    },
  };
}

type LogEntry = Readonly<Record<string, unknown>>;

async function readLog(file: string): Promise<readonly LogEntry[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogEntry);
}

/** Points of two numbers of the log, from the lines that have both. */
function pointsOf(log: readonly LogEntry[], x: string, y: string): ChartSeries['points'] {
  return log.flatMap((entry) => {
    const [a, b] = [entry[x], entry[y]];
    return typeof a === 'number' && typeof b === 'number' ? [[a, b] as const] : [];
  });
}

function lossOverSteps(log: readonly LogEntry[]): ReportSection | undefined {
  const points = pointsOf(log, 'step', 'loss');
  if (points.length < 2) return undefined;
  const chart = { title: 'Loss over steps', xLabel: 'step', yLabel: 'loss', series: [{ name: 'loss', points }] };
  return { title: 'Loss', chart };
}

function accuracyOverEpochs(log: readonly LogEntry[]): ReportSection | undefined {
  const names = new Set(log.flatMap((entry) => Object.keys(entry).filter((key) => key.endsWith('Accuracy'))));
  const series = [...names].map((key) => ({
    name: key.replace(/Accuracy$/, ''),
    points: pointsOf(log, 'epoch', key),
  }));
  if (!series.some(({ points }) => points.length > 1)) return undefined;
  return {
    title: 'Validation',
    chart: { title: 'Accuracy over epochs', xLabel: 'epoch', yLabel: 'accuracy, % (IoU > 0.5)', series },
  };
}
