import { calledAs } from '@refclip/furniture';
import type { Command } from 'commander';
import { summarizeEvaluation } from '../evaluation/summarize-evaluation.js';
import { summarizeSeeds } from '../statistics/summarize-seeds.js';
import type { CliStreams } from './cli-streams.js';
import { evaluateFiles } from './evaluate-files.js';
import {
  addEvaluationOptions,
  addOutputOptions,
  addPageOptions,
  type EvaluationOptions,
  type OutputOptions,
  type PageOptions,
  parsePercent,
} from './evaluation-options.js';
import { formatGrid } from './format-grid.js';
import { formatSummary } from './format-summary.js';
import { summaryGrid } from './summary-grid.js';
import { writePage } from './write-page.js';

interface ScoreOptions extends EvaluationOptions, OutputOptions, PageOptions {
  readonly report?: string;
  readonly minAccuracy?: number;
}

/** `score`: accuracy of prediction files, with intervals and breakdowns. */
export function addScoreCommand(program: Command, streams: CliStreams, finish: (exitCode: number) => void): void {
  addPageOptions(addOutputOptions(addEvaluationOptions(program.command('score'))))
    .description('accuracy of prediction files, with intervals and breakdowns')
    .option('--report <file>', 'also write a report page (HTML)')
    .option('--min-accuracy <percent>', 'exit with 1 below this accuracy at the first threshold', parsePercent)
    .addHelpText(
      'after',
      `\nExamples:\n  ${calledAs('@refclip/eval')} score --predictions predictions-val.jsonl\n` +
        `  ${calledAs('@refclip/eval')} score --predictions results.json --iou recorded --count 10834 --thresholds 0.5,0.75 --json\n` +
        `  ${calledAs('@refclip/eval')} score --predictions seed-1.jsonl seed-2.jsonl --output latex\n` +
        `  ${calledAs('@refclip/eval')} score --predictions a.jsonl --annotations refcoco.json --split testA --min-accuracy 60 --report out.html`,
    )
    .action(async (options: ScoreOptions) => finish(await score(options, streams)));
}

async function score(options: ScoreOptions, streams: CliStreams): Promise<number> {
  const files = await evaluateFiles(options, streams, options.report !== undefined);
  const summaries = files.map(({ file, format, evaluation }) => {
    return { file, format, ...summarizeEvaluation(evaluation, options) };
  });
  const form = options.json ? 'json' : (options.output ?? 'table');
  const main = String(options.thresholds[0]);
  const accuracies = summaries.map(({ accuracy }) => accuracy[main]!);
  const seeds = summarizeSeeds(accuracies);
  if (options.report !== undefined) await writePage(options.report, files, options, streams);
  if (form === 'json') {
    streams.out(`${JSON.stringify(summaries.length === 1 ? summaries[0] : { files: summaries, seeds })}\n`);
  } else if (form === 'table') {
    for (const summary of summaries) streams.out(formatSummary(summary));
    if (summaries.length > 1) {
      const { count, mean, standardDeviation } = seeds;
      streams.out(`mean of ${count} files: ${mean.toFixed(2)} ± ${standardDeviation.toFixed(2)} (sample sd)\n`);
    }
  } else {
    streams.out(formatGrid(summaryGrid(summaries), form));
  }
  const least = options.minAccuracy;
  const below = least === undefined ? [] : summaries.filter((_, i) => !(accuracies[i]! >= least));
  for (const { file, accuracy } of below) {
    streams.error(`${file}: accuracy ${accuracy[main]!.toFixed(2)} is below the minimum of ${least}.\n`);
  }
  return below.length > 0 ? 1 : 0;
}
