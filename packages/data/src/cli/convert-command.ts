import {
  alignColumns,
  type CommandResult,
  calledAs,
  type OnProgress,
  type Terminal,
  withProgress,
} from '@refclip/furniture';
import { DataFormatError, quoteArgument, UsageError } from '@refclip/structures';
import { Command, Option } from 'commander';
import { ImageFolder } from '../check/image-folder.js';
import { type AnnotationFormName, annotationForms } from '../convert/annotation-forms.js';
import type { BoxConvention } from '../convert/box-convention.js';
import { groupExpressions } from '../convert/group-expressions.js';
import { imageNamePattern } from '../convert/image-name-pattern.js';
import { readAnnotations } from '../convert/read-annotations.js';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { selectSplits } from '../convert/select-splits.js';
import { writeAnnotations } from '../convert/write-annotations.js';
import { type CountComparison, compareCounts } from '../refer/compare-counts.js';
import { readRefer } from '../refer/read-refer.js';
import { referDatasets } from '../refer/refer-datasets.js';
import { writeMasks } from '../refer/write-masks.js';
import { announceReading } from './announce-reading.js';
import { boxesOption, formNames, imageSizes } from './input-options.js';

interface ConvertOptions {
  readonly from: AnnotationFormName | 'refer';
  readonly to: AnnotationFormName;
  readonly input: readonly string[];
  readonly output: string;
  readonly dataset?: string;
  readonly splitBy?: string;
  readonly masks?: string;
  readonly maskFormat: 'rle' | 'npy';
  readonly boxes?: BoxConvention;
  readonly outputBoxes?: BoxConvention;
  readonly images?: string;
  readonly imageName?: string;
  readonly splits?: string;
  readonly group?: boolean;
}

/** What was read, however it was. */
interface Source {
  readonly splits: SplitRecords;
  readonly imageNames: ReadonlyMap<number, string>;
  readonly notes: readonly string[];
  readonly counts?: readonly CountComparison[];
  readonly masks?: number;
}

/** `refclip-data convert`: annotation files from one form to another. */
export function convertCommand(terminal: Terminal, finish: (result: CommandResult) => void): Command {
  const forms = Object.entries(annotationForms).map(([name, { description }]) => `  ${name.padEnd(14)} ${description}`);
  return new Command('convert')
    .description('convert annotation files from one form to another')
    .addOption(new Option('--from <form>', 'form of the input').choices(['refer', ...formNames]).makeOptionMandatory())
    .addOption(new Option('--to <form>', 'form of the output').choices(formNames).default('simrec'))
    .requiredOption(
      '--input <path...>',
      'file (SPLIT=FILE names the split of a file without one); for refer, the folder of refs(*.p) and instances.json',
    )
    .requiredOption('--output <file>', 'file to write; {split} in it becomes the name of the split')
    .addOption(new Option('--dataset <name>', 'data set of a refer folder').choices(Object.keys(referDatasets)))
    .option('--split-by <name>', 'way in which a refer data set is split: unc, google, umd, berkeley')
    .option('--masks <folder>', 'also write the masks of a refer data set')
    .addOption(
      new Option('--mask-format <name>', 'one masks.json of COCO run lengths, or <ref>.npy files')
        .choices(['rle', 'npy'])
        .default('rle'),
    )
    .addOption(
      boxesOption(
        '--boxes <convention>',
        'how the input writes boxes (default: as its form has them, or as the numbers tell)',
      ),
    )
    .addOption(
      boxesOption('--output-boxes <convention>', 'how the output writes boxes (default: as its form has them)'),
    )
    .option('--images <folder>', 'image folder, where the size of images must be known')
    .option(
      '--image-name <pattern>',
      'file names of images known by an id, as %d.jpg or %012d.jpg (default: as the input has them, or COCO_train2014_%012d.jpg)',
    )
    .option('--splits <names>', 'only these splits, separated by commas')
    .option('--group', 'join training records of the same image and box')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Forms:
  refer          refs(<split by>).p and instances.json of RefCOCO, RefCOCO+, RefCOCOg and RefClef (input only)
${forms.join('\n')}

Examples:
  $ ${calledAs('@refclip/data')} convert --from refer --input data/refcoco --dataset refcoco --split-by unc --output refcoco.json --masks masks/refcoco
  $ ${calledAs('@refclip/data')} convert --from csv --input pairs.csv --output pairs.json
  $ ${calledAs('@refclip/data')} convert --from jsonl --input pairs.jsonl --boxes xyxy-1000 --images photos --output pairs.json
  $ ${calledAs('@refclip/data')} convert --from simrec --input refcoco.json --to odvg --images train2014 --output 'refcoco_{split}.jsonl'
  $ ${calledAs('@refclip/data')} convert --from realgin --input train=train.csv val=val.csv --to simrec --output refcoco.json`,
    )
    .action(async (options: ConvertOptions) => finish(await runConvert(options, terminal)));
}

async function runConvert(options: ConvertOptions, terminal: Terminal): Promise<CommandResult> {
  const started = performance.now();
  const imageName = options.imageName === undefined ? undefined : imageNamePattern(options.imageName);
  const folder = options.images === undefined ? undefined : await ImageFolder.open(options.images);
  const source =
    options.from === 'refer'
      ? await readReferSource(options, terminal)
      : await readFiles(options, options.from, folder, terminal);
  const chosen = options.splits === undefined ? source.splits : selectSplits(source.splits, options.splits.split(','));
  const splits = options.group ? groupExpressions(chosen) : chosen;
  const files = await writeAnnotations(options.output, splits, {
    form: options.to,
    boxes: options.outputBoxes,
    imageName,
    imageNames: source.imageNames,
    imageSize: imageSizes(folder, terminal),
  });
  const sizes = Object.fromEntries(
    [...splits].map(([split, records]) => [
      split,
      { records: records.length, expressions: records.reduce((sum, { expressions }) => sum + expressions.length, 0) },
    ]),
  );
  const seconds = Math.round((performance.now() - started) / 10) / 100;
  return {
    code: 0,
    text: [
      ...source.notes,
      alignColumns([
        ['split', 'records', 'expressions'],
        ...Object.entries(sizes).map(([split, size]) => [split, String(size.records), String(size.expressions)]),
      ]),
      ...(source.counts ? ['', formatCounts(source.counts)] : []),
      `written: ${files.join(', ')}${source.masks === undefined ? '' : ` and ${source.masks} masks in ${options.masks}`}`,
      '',
    ].join('\n'),
    next: `${calledAs('@refclip/data')} check ${quoteArgument(files[0] ?? options.output)} --images ${quoteArgument(options.images ?? 'FOLDER')}`,
    json: {
      from: options.from,
      to: options.to,
      files,
      splits: sizes,
      notes: source.notes,
      counts: source.counts,
      masks: source.masks,
      seconds,
    },
  };
}

async function readFiles(
  options: ConvertOptions,
  form: AnnotationFormName,
  folder: ImageFolder | undefined,
  terminal: Terminal,
): Promise<Source> {
  if (options.masks !== undefined)
    throw new UsageError('--masks goes with --from refer alone: other forms hold no outlines.');
  const splits = new Map<string, ReferringRecord[]>();
  const imageNames = new Map<number, string>();
  const notes: string[] = [];
  for (const input of options.input) {
    const [, split, named] = /^([\w+-]+)=(.*)$/.exec(input) ?? [];
    const file = named ?? input;
    const read = await readAnnotations(file, {
      form,
      boxes: options.boxes,
      split,
      imageSize: imageSizes(folder, terminal),
      onRead: announceReading(terminal),
    });
    if ([...read.splits.values()].every((records) => records.length === 0)) {
      throw new DataFormatError({ file }, 'holds no records; expected some. Nothing is written.');
    }
    notes.push(...read.notes.map((note) => (options.input.length > 1 ? `${file}: ${note}` : note)));
    for (const [id, name] of read.imageNames) imageNames.set(id, name);
    for (const [name, records] of read.splits) splits.set(name, [...(splits.get(name) ?? []), ...records]);
  }
  return { splits, imageNames, notes };
}

async function readReferSource(options: ConvertOptions, terminal: Terminal): Promise<Source> {
  const { dataset, splitBy, input } = options;
  if (dataset === undefined || splitBy === undefined || input.length !== 1) {
    throw new UsageError('--from refer needs one --input folder, --dataset and --split-by.');
  }
  const conversion = await readRefer(input[0] as string, {
    dataset,
    splitBy,
    outlines: options.masks !== undefined,
    onRead: announceReading(terminal),
  });
  const counts = compareCounts(conversion, dataset, splitBy);
  const { splits, imageNames, notes } = conversion;
  if (options.masks === undefined) return { splits, imageNames, notes, counts };
  const { masks: output, maskFormat: format } = options;
  const draw = (onProgress: OnProgress) => writeMasks(output, conversion.outlines, { format, onProgress });
  const masks = await withProgress('drawing masks', 'masks', draw, terminal);
  return { splits, imageNames, notes, counts, masks };
}

function formatCounts(counts: readonly CountComparison[]): string {
  return alignColumns([
    ['', 'found', 'published', 'difference'],
    ...counts.map(({ what, found, published }) => [
      what,
      String(found),
      published === undefined ? '?' : String(published),
      published === undefined ? '' : found === published ? 'none' : String(found - published),
    ]),
  ]);
}
