import { dirname, join } from 'node:path';
import {
  detectorBatch,
  formatDuration,
  InterruptedError,
  interruptedWith,
  loadCheckpoint,
  pnpmCommand,
  printJson,
  userPath,
} from '@refclip/app-shared';
import type { LabelHeader } from '@refclip/data';
import { quoteArgument, UsageError } from '@refclip/structures';
import { type Command, InvalidArgumentError } from 'commander';
import { describeExport, exportLabels } from '../export/export-labels.js';
import { addExportFlags, describeFormats, type ExportFlags } from '../export/export-options.js';
import { describeHeader } from '../export/summarize-labels.js';
import { bestWeights } from '../labeling/best-weights.js';
import { openLabelSource } from '../labeling/label-source.js';
import { writeLabels } from '../labeling/write-labels.js';
import { addDataFlags, type DataFlags, dataConfigOf } from './label-flags.js';

interface StartFlags extends DataFlags, ExportFlags {
  readonly weights?: string;
  readonly out?: string;
  readonly split: string;
  readonly limit?: number;
  readonly batchSize?: number;
  readonly shard: LabelHeader['shard'];
  readonly resume: boolean;
}

/** `start`: labels a split and writes it for students. */
export function addStartCommand(program: Command): void {
  addExportFlags(addDataFlags(program.command('start')))
    .description(
      'Labels a split with the boxes of a trained RefCLIP and writes it for other models. Without flags: the sample, by the best training run.',
    )
    .option('--weights <file>', "checkpoint; default: of the configuration's run with the highest validation accuracy")
    .option('--out <dir>', 'folder for everything; default: labels-<split> in the folder of the run')
    .option('--split <name>', 'split to label', 'train')
    .option('--limit <records>', 'label the first records only', parseCount)
    .option('--batch-size <images>', 'images per run of the model', parseCount)
    .option('--shard <i/n>', 'label the i-th of n parts; join them with `merge`', parseShard, null)
    .option('--resume', 'go on with a run that was interrupted; the files will be those of an uninterrupted one', false)
    .addHelpText(
      'after',
      `${describeFormats()}
Examples:
  ${pnpmCommand} --filter pseudo-labeler start
  ${pnpmCommand} --filter pseudo-labeler start --config configs/refcoco.yaml --weights best.safetensors --format simrec,transvg --out labels/refcoco
  ${pnpmCommand} --filter pseudo-labeler start --annotations own.json --images photos --weights best.safetensors --out labels/own --policy ref --min-agreement 0.5
  ${pnpmCommand} --filter pseudo-labeler start --config configs/refcoco.yaml --shard 3/8 --out labels/refcoco --resume
`,
    )
    .action(runStart);
}

async function runStart(flags: StartFlags): Promise<void> {
  const started = performance.now();
  const { config, describesModel } = await dataConfigOf(flags);
  if (!describesModel && !flags.weights) throw new UsageError('--annotations: also give the weights with --weights.');
  const chosen = flags.weights ? undefined : await bestWeights(config);
  const weights = chosen?.file ?? userPath(flags.weights as string);
  if (chosen) {
    const known =
      chosen.accuracy === null ? 'accuracy unknown' : `${chosen.accuracy.toFixed(2)} % on its validation split`;
    process.stderr.write(`the best run of "${config.name}": ${known}\n`);
  }
  const { model, ...rest } = await loadCheckpoint(weights, describesModel ? config : undefined);
  if (model.name !== 'refclip') throw new UsageError(`${weights}: expected a refclip, got a ${model.name}.`);
  const checkpoint = { model, ...rest };
  const { split, limit, shard, resume } = flags;
  const source = await openLabelSource(config, split, limit);
  const out = flags.out ? userPath(flags.out) : defaultFolder(weights, split, flags);
  const labels = join(out, shard ? `shard-${shard.index}-of-${shard.count}.jsonl` : 'labels.jsonl');
  const batchSize =
    flags.batchSize ?? Math.min(config.evaluation.batchSize, detectorBatch(checkpoint.model.options) * 2);
  const job = { config, source, checkpoint, weights, batchSize, shard };
  process.stderr.write(`weights: ${weights}\nlabels: ${labels}\n`);
  const { header, expressions, seconds } = await writeLabels(labels, job, resume).catch((error: unknown) => {
    if (!(error instanceof InterruptedError)) throw error;
    throw interruptedWith('interrupted; what is labeled is saved. To continue: the same command with --resume.');
  });
  const rate = seconds ? expressions / seconds : 0;
  const done = `${expressions} expressions in ${formatDuration(seconds)}, ${rate.toFixed(1)} per second`;
  const common = { command: 'start', out, labels, shard, expressions, labellingSeconds: seconds, rate };
  process.stdout.write(`\n${describeHeader(header)}\n${expressions ? done : 'all labels were there already'}\n`);
  if (shard) {
    process.stdout.write(
      `shard ${shard.index} of ${shard.count}: ${labels}\nnext, when all ${shard.count} are there: ${pnpmCommand} --filter pseudo-labeler merge ${dataWords(flags)} --labels ${quoteArgument(out)}\n`,
    );
    if (flags.json) printJson({ ...common, seconds: (performance.now() - started) / 1000 });
    return;
  }
  const result = await exportLabels(out, labels, source, config.name, flags);
  const total = (performance.now() - started) / 1000;
  const memory = (process.resourceUsage().maxRSS / 2 ** 20).toFixed(2);
  process.stdout.write(
    `\n${describeExport(result)}\nsummary: ${join(out, 'summary.json')}\n${formatDuration(total)}, at most ${memory} GiB resident\n` +
      `next: ${pnpmCommand} --filter pseudo-labeler preview ${dataWords(flags)} --labels ${quoteArgument(out)}\n` +
      'then train a student: docs/guides/train-a-student.md\n',
  );
  const { summary, files, notes } = result;
  if (flags.json) printJson({ ...common, ...summary, files, notes, seconds: total });
}

/** The flags that name the data, to repeat. */
export function dataWords({ config, annotations, images }: DataFlags): string {
  const own = images === undefined ? '' : ` --images ${quoteArgument(userPath(images))}`;
  return `${annotations === undefined ? `--config ${quoteArgument(userPath(config))}` : `--annotations ${quoteArgument(userPath(annotations))}`}${own}`;
}

/** Beside the checkpoints of the run that made the weights. */
function defaultFolder(weights: string, split: string, { annotations }: StartFlags): string {
  if (annotations !== undefined) throw new UsageError('--annotations: also give a folder for the labels with --out.');
  return join(dirname(dirname(weights)), `labels-${split}`);
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0.');
  return Number(text);
}

function parseShard(text: string): LabelHeader['shard'] {
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (!(shard.index >= 1 && shard.index <= shard.count))
    throw new InvalidArgumentError('expected i/n with i from 1 to n, e.g. 3/8.');
  return shard;
}
