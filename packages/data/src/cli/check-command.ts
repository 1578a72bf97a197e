import { type CommandResult, calledAs, type OnProgress, type Terminal, withProgress } from '@refclip/furniture';
import { DataFormatError, quoteArgument } from '@refclip/structures';
import { Command } from 'commander';
import { checkImages, type ImageCheck } from '../check/check-images.js';
import { checkRecords } from '../check/check-records.js';
import type { DataProblem } from '../check/data-problem.js';
import { type ProblemGroup, summarizeProblems } from '../check/summarize-problems.js';
import { allRecords } from '../convert/annotation-form.js';
import { importImages } from '../peers/import-images.js';
import { addInputOptions, type InputOptions, parseCount, readInput } from './input-options.js';

interface CheckOptions extends InputOptions {
  readonly decode: boolean;
  readonly maxWords: number;
  readonly strict?: boolean;
}

/** `refclip-data check`: every problem of a data set at once. */
export function checkCommand(terminal: Terminal, finish: (result: CommandResult) => void): Command {
  return addInputOptions(
    new Command('check')
      .description('find every problem of a data set at once; exit code 1 when there are errors')
      .argument('<annotations>', 'annotation file')
      .option('--images <folder>', 'image folder: look for every image and decode it')
      .option('--no-decode', 'only look whether images are there')
      .option('--max-words <count>', 'report longer expressions; the model reads so many words', parseCount, 15)
      .option('--strict', 'warnings are errors too'),
  )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ ${calledAs('@refclip/data')} check refcoco.json --images train2014
  $ ${calledAs('@refclip/data')} check refcoco.json --images train2014 --no-decode --json
  $ ${calledAs('@refclip/data')} check pairs.csv --boxes xyxy --images photos --strict`,
    )
    .action(async (file: string, options: CheckOptions) => finish(await runCheck(file, options, terminal)));
}

async function runCheck(file: string, options: CheckOptions, terminal: Terminal): Promise<CommandResult> {
  const problems: DataProblem[] = [];
  let summary: Record<string, unknown> = {};
  const notes: string[] = [];
  if (options.images !== undefined && options.decode)
    await importImages('Decoding images (which --no-decode leaves out)');
  try {
    const { splits, folder, form, notes: said } = await readInput(file, options, terminal);
    notes.push(...said);
    const records = [...splits.values()].reduce((sum, { length }) => sum + length, 0);
    summary = {
      form,
      splits: [...splits.keys()],
      records,
      imagesChecked: folder ? (options.decode ? 'decoded' : 'found') : 'no',
    };
    let sizes: ImageCheck['sizes'] = new Map();
    if (folder) {
      const { decode } = options;
      const check = (onProgress: OnProgress) => checkImages(splits, folder, { decode, onProgress });
      const title = decode ? 'decoding images' : 'looking for images';
      const checked = await withProgress(title, 'images', check, terminal);
      for (const problem of checked.problems) problems.push(problem);
      sizes = checked.sizes;
    } else notes.push('Images were not looked at; give their folder by --images.');
    for (const problem of checkRecords(splits, { longestExpression: options.maxWords, sizes })) problems.push(problem);
    if (sizes.size === 0 && ![...allRecords(splits)].some(({ size }) => size)) {
      notes.push('Boxes were not held against the edges of images, whose sizes are unknown without decoding.');
    }
  } catch (error) {
    if (!(error instanceof DataFormatError)) throw error;
    problems.push({ kind: 'unreadable-file', severity: 'error', message: error.message });
  }
  const groups = summarizeProblems(problems);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  return {
    code: errors > 0 || (options.strict && warnings > 0) ? 1 : 0,
    text: `${notes.map((note) => `${note}\n`).join('')}${groups.map(formatGroup).join('')}${file}: ${errors} error(s), ${warnings} warning(s)\n`,
    next: problems.some(({ kind }) => kind === 'unreadable-file')
      ? undefined
      : options.images === undefined
        ? `${calledAs('@refclip/data')} check ${quoteArgument(file)} --images FOLDER`
        : `${calledAs('@refclip/data')} preview ${quoteArgument(file)} --images ${quoteArgument(options.images)} --output gallery.html`,
    json: { file, ...summary, errors, warnings, problems: groups, notes },
  };
}

function formatGroup({ kind, severity, count, examples }: ProblemGroup): string {
  const lines = examples.map(
    ({ split, record, message }) =>
      `  ${split === undefined ? '' : `${split}${record === undefined ? '' : ` ${record}`}: `}${message}`,
  );
  if (count > examples.length) lines.push(`  … and ${count - examples.length} more`);
  return `${severity} ${kind} (${count})\n${lines.join('\n')}\n`;
}
