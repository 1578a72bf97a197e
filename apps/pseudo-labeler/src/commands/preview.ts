import { join } from 'node:path';
import { createProgress, printJson, userPath, writeAtomically } from '@refclip/app-shared';
import { ImageFolder, labelPage, readLabelHeader, readLabels, selectLabels } from '@refclip/data';
import { type Command, InvalidArgumentError } from 'commander';
import { describeHeader } from '../export/summarize-labels.js';
import { addDataFlags, type DataFlags, dataConfigOf } from './label-flags.js';

interface PreviewFlags extends DataFlags {
  readonly labels: string;
  readonly out?: string;
  readonly count: number;
  readonly seed: number;
}

/** `preview`: a page with a sample of labels over their images. */
export function addPreviewCommand(program: Command): void {
  addDataFlags(program.command('preview'))
    .description('Writes a page with a sample of labels over their images, to see what one is about to train on.')
    .requiredOption('--labels <dir>', 'folder that `start` or `merge` wrote')
    .option('--out <file>', 'page to write; default: preview.html in that folder')
    .option('--count <labels>', 'how many labels, drawn at random', parseWhole, 60)
    .option('--seed <number>', 'which ones', parseWhole, 1)
    .addHelpText(
      'after',
      '\nExample:\n  pnpm --filter pseudo-labeler preview --labels runs/first/labels-train --count 100 --out labels.html\n',
    )
    .action(async (flags: PreviewFlags) => {
      const { config } = await dataConfigOf(flags);
      const folder = userPath(flags.labels);
      const labels = join(folder, 'labels.jsonl');
      const header = await readLabelHeader(labels);
      const { all } = await selectLabels(readLabels(labels), { policy: 'expression' });
      const { count, seed } = flags;
      const progress = createProgress('drawing', Math.min(count, all.length), 'labels');
      const page = await labelPage(all, await ImageFolder.open(config.data.images), {
        title: `Labels of ${config.name}, ${header.data.split}`,
        count,
        seed,
        notes: describeHeader(header).split('\n'),
        onProgress: (done) => progress.update(done),
      });
      progress.finish();
      const out = flags.out === undefined ? join(folder, 'preview.html') : userPath(flags.out);
      await writeAtomically(out, page);
      process.stdout.write(`page: ${out}\nnext: train a student, docs/guides/train-a-student.md\n`);
      if (flags.json) printJson({ command: 'preview', html: out, labels: Math.min(count, all.length) });
    });
}

function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}
