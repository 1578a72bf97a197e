import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pnpmCommand, userPath } from '@refclip/app-shared';
import { mergeLabels } from '@refclip/data';
import { FileError, UsageError } from '@refclip/structures';
import type { Command } from 'commander';
import { addExportFlags, type ExportFlags } from '../export/export-options.js';
import { exportFolder } from './export.js';
import { addDataFlags, type DataFlags } from './label-flags.js';

/** `merge`: joins the shards of a labelling. */
export function addMergeCommand(program: Command): void {
  addExportFlags(addDataFlags(program.command('merge')))
    .description('Joins shards after checking that they belong together and none is missing, and writes the formats.')
    .option('--labels <dir>', 'folder with the shards')
    .option('--out <dir>', 'folder for everything; default: that of the shards')
    .argument('[shards...]', 'files of shards, instead of a folder')
    .addHelpText(
      'after',
      `\nExamples:\n  ${pnpmCommand} --filter pseudo-labeler merge --config configs/refcoco.yaml --labels labels/refcoco --format all\n  ${pnpmCommand} --filter pseudo-labeler merge --out labels/refcoco a/shard-1-of-2.jsonl b/shard-2-of-2.jsonl\n`,
    )
    .action(
      async (
        given: readonly string[],
        flags: DataFlags & ExportFlags & { readonly labels?: string; readonly out?: string },
      ) => {
        const folder = flags.labels === undefined ? undefined : userPath(flags.labels);
        const out = flags.out === undefined ? folder : userPath(flags.out);
        if (out === undefined)
          throw new UsageError('give the folder with the shards (--labels) or one to write to (--out).');
        const shards = [...given.map(userPath), ...(folder === undefined ? [] : await shardsIn(folder))];
        const labels = join(out, 'labels.jsonl');
        await mergeLabels(shards, labels);
        process.stderr.write(`merged ${shards.length} shards: ${labels}\n`);
        await exportFolder('merge', labels, out, flags);
      },
    );
}

/** Label files of shards in a folder, in the order of their names. */
async function shardsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: Error) => {
    throw new FileError(folder, `is no folder that can be read: ${cause.message}`, { cause });
  });
  const shards = names.filter((name) => /^shard-\d+-of-\d+\.jsonl$/.test(name)).sort();
  if (!shards.length) throw new FileError(folder, 'holds no finished shard (shard-<i>-of-<n>.jsonl).');
  return shards.map((name) => join(folder, name));
}
