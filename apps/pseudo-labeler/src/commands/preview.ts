import { join } from 'node:path';
import { createProgress, pnpmCommand, printJson, userPath, writeAtomically } from '@refclip/app-shared';
import {
  ImageFolder,
  labelPage,
  readLabelHeader,
  readLabels,
  type SelectLabelsOptions,
  selectLabels,
} from '@refclip/data';
import { type Command, InvalidArgumentError } from 'commander';
import { annotatedBoxes } from '../export/annotated-boxes.js';
import { addSelectionFlags } from '../export/export-options.js';
import { describeHeader } from '../export/summarize-labels.js';
import { addDataFlags, type DataFlags, dataConfigOf } from './label-flags.js';

interface PreviewFlags extends DataFlags, SelectLabelsOptions {
  readonly labels: string;
  readonly out?: string;
  readonly count: number;
  readonly seed: number;
}

/** `preview`: a page with a sample of labels over their images. */
export function addPreviewCommand(program: Command): void {
  addSelectionFlags(addDataFlags(program.command('preview')))
    .description('Writes a page with a sample of labels over their images, to see what one is about to train on.')
    .requiredOption('--labels <dir>', 'folder that `start` or `merge` wrote')
    .option('--out <file>', 'page to write; default: preview.html in that folder')
    .option('--count <labels>', 'how many labels, drawn at random', parseWhole, 60)
    .option('--seed <number>', 'which ones', parseWhole, 1)
    .addHelpText(
      'after',
      `\nExample:\n  ${pnpmCommand} --filter pseudo-labeler preview --labels runs/first/labels-train --policy ref --top-fraction 0.5 --count 100 --out labels.html\n`,
    )
    .action(async (flags: PreviewFlags) => {
      const { config } = await dataConfigOf(flags);
      const folder = userPath(flags.labels);
      const labels = join(folder, 'labels.jsonl');
      const header = await readLabelHeader(labels);
      const { count, seed, policy, clip, minScore, topFraction, minAgreement } = flags;
      const { kept, all } = await selectLabels(readLabels(labels), {
        policy,
        clip,
        minScore,
        topFraction,
        minAgreement,
      });
      // With policy `ref` the boxes of the other expressions, which the page shows beside, were left out.
      const each =
        policy === 'expression' ? all : (await selectLabels(readLabels(labels), { policy: 'expression', clip })).all;
      const { truth, notes } = await annotatedBoxes(config.data.annotations, header);
      const progress = createProgress('drawing', Math.min(count, kept.length), 'labels');
      const page = await labelPage(kept, await ImageFolder.open(config.data.images), {
        title: `Labels of ${config.name}, ${header.data.split}`,
        count,
        seed,
        others: each,
        ...(truth ? { truth } : {}),
        notes: [`Kept: ${kept.length} of ${all.length}.`, ...describeHeader(header).split('\n'), ...notes],
        onProgress: (done) => progress.update(done),
      });
      progress.finish();
      const out = flags.out === undefined ? join(folder, 'preview.html') : userPath(flags.out);
      await writeAtomically(out, page);
      process.stdout.write(`page: ${out}\nnext: train a student, docs/guides/train-a-student.md\n`);
      if (flags.json) printJson({ command: 'preview', html: out, labels: Math.min(count, kept.length) });
    });
}

function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}
