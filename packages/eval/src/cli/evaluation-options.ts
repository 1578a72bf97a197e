import { wholeNumber } from '@refclip/furniture';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type BoxFormat, boxFormats } from '../boxes/box-format.js';
import type { ExcludeBy } from '../evaluation/exclusions.js';
import { type JoinRule, joinRules } from '../evaluation/truth-join.js';
import type { Comparator } from '../metrics/comparator.js';
import { type PredictionFormat, predictionFormats } from '../predictions/detect-prediction-format.js';
import type { TextScale } from '../predictions/parse-text-rows.js';
import { type GridForm, gridForms } from './format-grid.js';

/** How prediction files are read and joined with their truth. */
export interface ReadingOptions {
  readonly predictions: readonly string[];
  readonly format?: PredictionFormat;
  readonly annotations?: string;
  readonly instances?: string;
  readonly split?: string;
  readonly join?: JoinRule;
  readonly boxFormat?: BoxFormat;
  readonly textScale?: TextScale;
}

/** How prediction files are evaluated. */
export interface EvaluationOptions extends ReadingOptions {
  readonly iou: 'recorded' | 'boxes';
  readonly thresholds: readonly number[];
  readonly count?: number;
  readonly comparator: Comparator;
  readonly generalized?: boolean;
  readonly exclude?: string;
  readonly excludeBy: ExcludeBy;
  readonly resamples: number;
  readonly seed: number;
}

/** The form that figures are printed in. */
export interface OutputOptions {
  readonly output?: 'table' | 'json' | GridForm;
  readonly json?: boolean;
}

/** What goes into a report page. */
export interface PageOptions {
  readonly images?: string;
  readonly linkImages?: boolean;
  readonly gallery: number;
  readonly title?: string;
}

function parseThresholds(text: string): readonly number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.some((value) => !(value >= 0 && value <= 1))) {
    throw new InvalidArgumentError('expected numbers in [0, 1] separated by commas.');
  }
  return values;
}

/** Reads percent. */
export function parsePercent(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 100)) {
    throw new InvalidArgumentError('expected percent, 0 to 100.');
  }
  return value;
}

export function addReadingOptions(command: Command): Command {
  return command
    .requiredOption('--predictions <file...>', 'prediction file; may be given several times')
    .addOption(
      new Option('--format <name>', 'prediction format; detected when left out').choices(
        Object.keys(predictionFormats),
      ),
    )
    .option(
      '--annotations <file>',
      'annotations: SimREC JSON, REFER refs (with --instances), CSV or JSON Lines of your own, …; default: the truth that the predictions carry',
    )
    .option('--instances <file>', "COCO's instances.json: boxes of REFER refs, image sizes, same-category objects")
    .option('--split <name>', 'split to take')
    .addOption(new Option('--join <rule>', 'how predictions find their expressions').choices(Object.keys(joinRules)))
    .addOption(new Option('--box-format <name>', "overrides the format's own").choices([...boxFormats]))
    .addOption(
      new Option('--text-scale <scale>', 'scale of boxes in text answers').choices(['unit', 'thousand', 'pixels']),
    );
}

export function addEvaluationOptions(command: Command): Command {
  return addReadingOptions(command)
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
    .option('--generalized', 'expressions may have none or many targets (gRefCOCO)')
    .option('--exclude <file>', 'ids to leave out, a JSON list or one per line')
    .addOption(
      new Option('--exclude-by <what>', 'what these are ids of')
        .choices(['id', 'sentence', 'ref', 'image'])
        .default('id'),
    )
    .option('--resamples <n>', 'resamples of the bootstrap by image', wholeNumber(1), 10_000)
    .option('--seed <n>', 'seed of the bootstrap', wholeNumber(0), 0);
}

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--output <form>', 'form of the figures (default: table)').choices(['table', 'json', ...gridForms]),
    )
    .addOption(
      new Option('--json', 'one JSON object as the last line of standard output, as --output json').conflicts('output'),
    );
}

export function addPageOptions(command: Command): Command {
  return command
    .option('--images <folder>', 'images for the report, found by their names')
    .option('--link-images', 'link the images instead of embedding thumbnails')
    .option('--gallery <n>', 'most cases in the gallery of the report', wholeNumber(0), 240)
    .option('--title <text>', 'title of the report');
}
