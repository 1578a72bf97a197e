import { calledAs } from '@refclip/furniture';
import type { Command } from 'commander';
import type { CliStreams } from './cli-streams.js';
import { evaluateFiles } from './evaluate-files.js';
import {
  addEvaluationOptions,
  addPageOptions,
  type EvaluationOptions,
  type PageOptions,
} from './evaluation-options.js';
import { writePage } from './write-page.js';

interface ReportOptions extends EvaluationOptions, PageOptions {
  readonly out: string;
}

/** `report`: a page about one or more prediction files. */
export function addReportCommand(program: Command, streams: CliStreams): void {
  addPageOptions(addEvaluationOptions(program.command('report')))
    .description('one self-contained HTML page: figures, breakdowns, comparison, a gallery of cases')
    .requiredOption('--out <file>', 'the page')
    .addHelpText(
      'after',
      `\nExamples:\n  ${calledAs('@refclip/eval')} report --predictions predictions-val.jsonl --images train2014 --out report.html\n` +
        `  ${calledAs('@refclip/eval')} report --predictions a.jsonl b.jsonl --out both.html\n\n` +
        'Thumbnails need the package @refclip/images beside this one (npm install @refclip/images); without it images are linked.',
    )
    .action(async (options: ReportOptions) => {
      await writePage(options.out, await evaluateFiles(options, streams, true), options, streams);
    });
}
