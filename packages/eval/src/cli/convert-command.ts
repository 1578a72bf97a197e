import { calledAs } from '@refclip/furniture';
import { UsageError } from '@refclip/structures';
import { type Command, Option } from 'commander';
import { attachTruth } from '../evaluation/attach-truth.js';
import { detectTeacherBoxes, readTeacherBoxes } from '../files/read-teacher-boxes.js';
import { readTextFile } from '../files/read-text-file.js';
import { writeTextFile } from '../files/write-text-file.js';
import { formatPredictions, type WritableFormat, writableFormats } from '../predictions/format-predictions.js';
import { parsePredictions } from '../predictions/parse-predictions.js';
import type { CliStreams } from './cli-streams.js';
import { readAnnotations } from './evaluate-files.js';
import { addReadingOptions, type ReadingOptions } from './evaluation-options.js';

interface ConvertOptions extends ReadingOptions {
  readonly to: WritableFormat;
  readonly out: string;
}

/** `convert`: a prediction file of one format as another. */
export function addConvertCommand(program: Command, streams: CliStreams): void {
  addReadingOptions(program.command('convert'))
    .description('a prediction file in another format; with annotations also ids, expressions and truth')
    .addOption(
      new Option('--to <format>', 'format to write').choices(Object.keys(writableFormats)).makeOptionMandatory(),
    )
    .requiredOption('--out <file>', 'file to write')
    .addHelpText(
      'after',
      `\nExamples:\n  ${calledAs('@refclip/eval')} convert --predictions results.json --to refclip --out predictions.jsonl\n` +
        `  ${calledAs('@refclip/eval')} convert --predictions answers.jsonl --annotations refcoco.json --split val --to refer --out refer.json`,
    )
    .action((options: ConvertOptions) => convert(options, streams));
}

async function convert(options: ConvertOptions, streams: CliStreams): Promise<void> {
  const [file, second] = options.predictions;
  if (file === undefined || second !== undefined) {
    throw new UsageError(`convert takes one prediction file, got ${options.predictions.length}.`);
  }
  const { truth, imageSizes } = await readAnnotations(options);
  const teacher = options.format ?? (await detectTeacherBoxes(file));
  const parsed =
    teacher === 'labels' || teacher === 'annotations'
      ? await readTeacherBoxes(file, teacher)
      : parsePredictions(await readTextFile(file), { ...options, file, imageSizes });
  const joined = truth
    ? attachTruth(parsed.rows, truth, {
        file,
        format: parsed.format,
        join: options.join,
        ids: writableFormats[options.to].ids,
      })
    : { rows: parsed.rows, notes: [] };
  const kept = joined.rows.filter(
    ({ split }) => options.split === undefined || (split ?? options.split) === options.split,
  );
  const { text, notes } = formatPredictions(kept, options.to, { file });
  await writeTextFile(options.out, text);
  const aside = joined.rows.length - kept.length;
  if (aside > 0) streams.error(`${file}: ${aside} rows of other splits left out\n`);
  for (const note of [...parsed.notes, ...joined.notes, ...notes]) streams.error(`${file}: ${note}\n`);
  streams.error(`${kept.length} predictions: ${options.out}\n`);
}
