import { RefclipError, UsageError } from '@refclip/structures';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { type BoxFormat, boxFormats } from '../boxes/box-format.js';
import { compareEvaluations } from '../evaluation/compare-evaluations.js';
import { summarizeEvaluation } from '../evaluation/summarize-evaluation.js';
import { type JoinRule, joinRules } from '../evaluation/truth-join.js';
import { evaluateFile } from '../files/evaluate-file.js';
import { loadTruth } from '../files/load-truth.js';
import { readTextFile } from '../files/read-text-file.js';
import type { Comparator } from '../metrics/comparator.js';
import { type PredictionFormat, predictionFormats } from '../predictions/detect-prediction-format.js';
import type { TextScale } from '../predictions/parse-text-rows.js';
import { summarizeSeeds } from '../statistics/summarize-seeds.js';
import { parseExclusions } from '../truth/parse-exclusions.js';
import { formatComparison, formatSummary } from './format-summary.js';

interface Options {
  readonly predictions: readonly string[];
  readonly format?: PredictionFormat;
  readonly annotations?: string;
  readonly instances?: string;
  readonly split?: string;
  readonly iou: 'recorded' | 'boxes';
  readonly thresholds: readonly number[];
  readonly count?: number;
  readonly comparator: Comparator;
  readonly join?: JoinRule;
  readonly boxFormat?: BoxFormat;
  readonly textScale?: TextScale;
  readonly generalized?: boolean;
  readonly exclude?: string;
  readonly excludeBy: 'id' | 'sentence' | 'ref' | 'image';
  readonly resamples: number;
  readonly seed: number;
  readonly json?: boolean;
  readonly minAccuracy?: number;
}

/** Where a command writes. */
export interface CliStreams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

const wholeNumber = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new InvalidArgumentError(`expected a whole number from ${least}.`);
  return value;
};

function parseThresholds(text: string): readonly number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.some((value) => !(value >= 0 && value <= 1))) {
    throw new InvalidArgumentError('expected numbers in [0, 1] separated by commas.');
  }
  return values;
}

function parsePercent(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 100))
    throw new InvalidArgumentError('expected percent, 0 to 100.');
  return value;
}

function withCommonOptions(command: Command): Command {
  return command
    .requiredOption('--predictions <file...>', 'prediction file; may be given several times')
    .addOption(
      new Option('--format <name>', 'prediction format; detected when left out').choices(
        Object.keys(predictionFormats),
      ),
    )
    .option(
      '--annotations <file>',
      'annotations (SimREC JSON, or REFER refs as JSON); default: the truth that the predictions carry',
    )
    .option('--instances <file>', "COCO's instances.json: boxes of REFER refs, image sizes, same-category objects")
    .option('--split <name>', 'split to score')
    .addOption(
      new Option('--iou <source>', 'IoUs as recorded in the file, or from its boxes')
        .choices(['recorded', 'boxes'])
        .default('boxes'),
    )
    .addOption(
      new Option('--thresholds <list>', 'IoU thresholds; interval and breakdowns are of the first')
        .argParser(parseThresholds)
        .default([0.5], '0.5'),
    )
    .option(
      '--count <n>',
      'denominator: expressions of the split as published; what the file lacks is wrong',
      wholeNumber(1),
    )
    .addOption(new Option('--comparator <sign>', 'how an IoU passes a threshold').choices(['>', '>=']).default('>'))
    .addOption(new Option('--join <rule>', 'how predictions find their expressions').choices(Object.keys(joinRules)))
    .addOption(new Option('--box-format <name>', "overrides the format's own").choices([...boxFormats]))
    .addOption(
      new Option('--text-scale <scale>', 'scale of boxes in text answers').choices(['unit', 'thousand', 'pixels']),
    )
    .option('--generalized', 'expressions may have none or many targets (gRefCOCO)')
    .option('--exclude <file>', 'ids to leave out, a JSON list or one per line')
    .addOption(
      new Option('--exclude-by <what>', 'what these are ids of')
        .choices(['id', 'sentence', 'ref', 'image'])
        .default('id'),
    )
    .option('--resamples <n>', 'resamples of the bootstrap by image', wholeNumber(1), 10_000)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber(0), 0)
    .option('--json', 'one JSON object as the last line of standard output');
}

async function evaluateAll(options: Options, streams: CliStreams) {
  if (options.instances !== undefined && options.annotations === undefined) {
    throw new UsageError('--instances belongs to --annotations, which is missing.');
  }
  const truth =
    options.annotations === undefined
      ? undefined
      : await loadTruth(options.annotations, { split: options.split, instances: options.instances });
  const exclude =
    options.exclude === undefined ? undefined : parseExclusions(await readTextFile(options.exclude), options.exclude);
  const imageSizes = new Map(
    truth?.expressions.flatMap(({ imageId, width, height }) => (width && height ? [[imageId, { width, height }]] : [])),
  );
  const results = [];
  for (const file of options.predictions) {
    const threshold = options.thresholds[0];
    const evaluated = await evaluateFile(file, { ...options, truth, exclude, imageSizes, threshold });
    for (const note of evaluated.notes) streams.error(`${file}: ${note}\n`);
    results.push({ file, ...evaluated });
  }
  return results;
}

/** NaN has no JSON; it becomes null. */
const toJson = (value: unknown) => `${JSON.stringify(value)}\n`;

async function score(options: Options, streams: CliStreams): Promise<number> {
  const summaries = (await evaluateAll(options, streams)).map(({ file, format, evaluation }) => {
    return { file, format, ...summarizeEvaluation(evaluation, options) };
  });
  for (const summary of summaries) if (!options.json) streams.out(formatSummary(summary));
  const accuracies = summaries.map((summary) => summary.accuracy[String(options.thresholds[0])]!);
  const seeds = summarizeSeeds(accuracies);
  if (!options.json && summaries.length > 1) {
    streams.out(
      `mean of ${seeds.count} files: ${seeds.mean.toFixed(2)} ± ${seeds.standardDeviation.toFixed(2)} (sample sd)\n`,
    );
  }
  if (options.json) streams.out(toJson(summaries.length === 1 ? summaries[0] : { files: summaries, seeds }));
  const least = options.minAccuracy;
  const below = least === undefined ? [] : summaries.filter((_, i) => !(accuracies[i]! >= least));
  for (const { file, accuracy } of below) {
    const value = accuracy[String(options.thresholds[0])]!;
    streams.error(`${file}: accuracy ${value.toFixed(2)} is below the minimum of ${least}.\n`);
  }
  return below.length > 0 ? 1 : 0;
}

async function compare(options: Options, streams: CliStreams): Promise<number> {
  if (options.predictions.length !== 2) {
    throw new UsageError(`compare takes two prediction files, got ${options.predictions.length}.`);
  }
  const [first, second] = await evaluateAll(options, streams);
  const threshold = options.thresholds[0]!;
  const comparison = compareEvaluations(first!.evaluation, second!.evaluation, { ...options, threshold });
  const named = { first: first!.file, second: second!.file, threshold, ...comparison };
  streams.out(options.json ? toJson(named) : formatComparison(named));
  return 0;
}

/**
 * The command line of `refclip-eval`.
 *
 * @param args  without node and script.
 * @returns exit code: 0 done, 1 failed (a file is malformed, or an accuracy below the minimum), 2 wrong usage.
 */
export async function runCli(args: readonly string[], streams: CliStreams): Promise<number> {
  let exitCode = 0;
  const program = new Command('refclip-eval')
    .description('Scores the predictions of any referring-expression model.')
    .exitOverride()
    .configureOutput({ writeOut: streams.out, writeErr: streams.error });
  withCommonOptions(program.command('score'))
    .description('accuracy of prediction files, with intervals and breakdowns')
    .option('--min-accuracy <percent>', 'exit with 1 below this accuracy at the first threshold', parsePercent)
    .addHelpText(
      'after',
      '\nExamples:\n  refclip-eval score --predictions predictions-val.jsonl\n' +
        '  refclip-eval score --predictions results.json --iou recorded --count 10834 --thresholds 0.5,0.75 --json\n' +
        '  refclip-eval score --predictions a.jsonl --annotations refcoco.json --split testA --min-accuracy 60',
    )
    .action(async (options: Options) => {
      exitCode = await score(options, streams);
    });
  withCommonOptions(program.command('compare'))
    .description('two models on the same expressions: paired bootstrap by image and McNemar')
    .addHelpText('after', '\nExample:\n  refclip-eval compare --predictions a.jsonl --predictions b.jsonl --json')
    .action(async (options: Options) => {
      exitCode = await compare(options, streams);
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!RefclipError.isInstance(error)) throw error;
    streams.error(`${error.message}\n`);
    return error.code === 'usage' || error.code === 'config' ? 2 : 1;
  }
}
