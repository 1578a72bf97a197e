import { basename } from 'node:path';
import { writePieces } from '@refclip/formats';
import { type CommandResult, calledAs, type Terminal } from '@refclip/furniture';
import { Command } from 'commander';
import { computeStatistics } from '../stats/compute-statistics.js';
import { formatStatistics } from '../stats/format-statistics.js';
import { statisticsPage } from '../stats/statistics-page.js';
import { addInputOptions, type InputOptions, readInput } from './input-options.js';

interface StatsOptions extends InputOptions {
  readonly html?: string;
}

/** `refclip-data stats`: what a data set is made of. */
export function statsCommand(terminal: Terminal, finish: (result: CommandResult) => void): Command {
  return addInputOptions(
    new Command('stats')
      .description('count images, expressions, words and boxes of a data set')
      .argument('<annotations>', 'annotation file')
      .option('--html <file>', 'also write a page with plots'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ ${calledAs('@refclip/data')} stats refcoco.json
  $ ${calledAs('@refclip/data')} stats refcoco.json --html refcoco-statistics.html
  $ ${calledAs('@refclip/data')} stats pairs.jsonl --json`,
    )
    .action(async (file: string, options: StatsOptions) => finish(await runStats(file, options, terminal)));
}

async function runStats(file: string, options: StatsOptions, terminal: Terminal): Promise<CommandResult> {
  const { splits, notes, form } = await readInput(file, options, terminal);
  const statistics = computeStatistics(splits);
  if (options.html !== undefined) await writePieces(options.html, [statisticsPage(basename(file), statistics, notes)]);
  const written = options.html === undefined ? '' : `\nwritten: ${options.html}\n`;
  return {
    code: 0,
    text: `${notes.map((note) => `${note}\n`).join('')}${formatStatistics(statistics)}${written}`,
    json: { file, form, notes, ...statistics, ...(options.html === undefined ? {} : { html: options.html }) },
  };
}
