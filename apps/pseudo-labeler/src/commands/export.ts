import { join } from 'node:path';
import { pnpmCommand, printJson, userPath } from '@refclip/app-shared';
import { readLabelHeader } from '@refclip/data';
import { quoteArgument } from '@refclip/structures';
import type { Command } from 'commander';
import { describeExport, exportLabels } from '../export/export-labels.js';
import { addExportFlags, describeFormats, type ExportFlags } from '../export/export-options.js';
import { describeHeader } from '../export/summarize-labels.js';
import { openLabelSource } from '../labeling/label-source.js';
import { addDataFlags, type DataFlags, dataConfigOf } from './label-flags.js';
import { dataWords } from './start.js';

/** Flags of a command on a folder of labels. */
export interface LabelFolderFlags extends DataFlags, ExportFlags {
  readonly labels: string;
}

/** `export`: finished labels in more formats, or chosen otherwise, without the model. */
export function addExportCommand(program: Command): void {
  addExportFlags(addDataFlags(program.command('export')))
    .description('Writes labels that `start` or `merge` finished in other formats, or chosen by other rules.')
    .requiredOption('--labels <dir>', 'folder that `start` or `merge` wrote')
    .option('--out <dir>', 'folder for the formats; default: that of the labels')
    .addHelpText(
      'after',
      `${describeFormats()}\nExample:\n  ${pnpmCommand} --filter pseudo-labeler export --labels runs/first/labels-train --format transvg,mattnet --policy ref\n`,
    )
    .action(async (flags: LabelFolderFlags & { readonly out?: string }) => {
      const folder = userPath(flags.labels);
      await exportFolder('export', join(folder, 'labels.jsonl'), flags.out ? userPath(flags.out) : folder, flags);
    });
}

/** Exports a label file and reports, as the end of a command. */
export async function exportFolder(
  command: string,
  labels: string,
  out: string,
  flags: DataFlags & ExportFlags,
): Promise<void> {
  const started = performance.now();
  const { config } = await dataConfigOf(flags);
  const header = await readLabelHeader(labels);
  const source = await openLabelSource(config, header.data.split);
  const result = await exportLabels(out, labels, source, config.name, flags);
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `\n${describeHeader(header)}\n\n${describeExport(result)}\nsummary: ${join(out, 'summary.json')}\n` +
      `next: ${pnpmCommand} --filter pseudo-labeler preview ${dataWords(flags)} --labels ${quoteArgument(out)}\n`,
  );
  const { summary, files, notes } = result;
  if (flags.json) printJson({ command, out, labels, ...summary, files, notes, seconds });
}
