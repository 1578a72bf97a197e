import { calledAs } from '@refclip/furniture';
import { UsageError } from '@refclip/structures';
import type { Command } from 'commander';
import { compareEvaluations } from '../evaluation/compare-evaluations.js';
import type { CliStreams } from './cli-streams.js';
import { evaluateFiles } from './evaluate-files.js';
import {
  addEvaluationOptions,
  addOutputOptions,
  addPageOptions,
  type EvaluationOptions,
  type OutputOptions,
  type PageOptions,
} from './evaluation-options.js';
import { formatGrid } from './format-grid.js';
import { formatComparison } from './format-summary.js';
import { comparisonGrid, type NamedComparison } from './summary-grid.js';
import { writePage } from './write-page.js';

interface CompareOptions extends EvaluationOptions, OutputOptions, PageOptions {
  readonly report?: string;
}

/** `compare`: models on the same expressions, each later one with the first. */
export function addCompareCommand(program: Command, streams: CliStreams): void {
  addPageOptions(addOutputOptions(addEvaluationOptions(program.command('compare'))))
    .description('models on the same expressions, each later one with the first: paired bootstrap by image and McNemar')
    .option('--report <file>', 'also write a report page (HTML)')
    .addHelpText(
      'after',
      `\nExamples:\n  ${calledAs('@refclip/eval')} compare --predictions a.jsonl --predictions b.jsonl --json\n` +
        `  ${calledAs('@refclip/eval')} compare --predictions a.jsonl b.jsonl --report both.html --images train2014`,
    )
    .action((options: CompareOptions) => compare(options, streams));
}

async function compare(options: CompareOptions, streams: CliStreams): Promise<void> {
  if (options.predictions.length < 2) {
    throw new UsageError(`compare takes two or more prediction files, got ${options.predictions.length}.`);
  }
  const files = await evaluateFiles(options, streams, options.report !== undefined);
  const threshold = options.thresholds[0]!;
  const [first, ...others] = files;
  const comparisons = others.map((second): NamedComparison => {
    const comparison = compareEvaluations(first!.evaluation, second.evaluation, { ...options, threshold });
    return { first: first!.file, second: second.file, threshold, ...comparison };
  });
  if (options.report !== undefined) await writePage(options.report, files, options, streams);
  const form = options.json ? 'json' : (options.output ?? 'table');
  if (form === 'json') streams.out(`${JSON.stringify(comparisons.length === 1 ? comparisons[0] : { comparisons })}\n`);
  else if (form === 'table') streams.out(comparisons.map(formatComparison).join('\n'));
  else streams.out(formatGrid(comparisonGrid(comparisons), form));
}
