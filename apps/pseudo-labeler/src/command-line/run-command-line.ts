import { pnpmCommand, runProgram } from '@refclip/app-shared';
import { Command } from 'commander';
import { addExportCommand } from '../commands/export.js';
import { addMergeCommand } from '../commands/merge.js';
import { addPreviewCommand } from '../commands/preview.js';
import { addStartCommand } from '../commands/start.js';

/**
 * Parses the command line and runs one command.
 *
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  const program = new Command('pseudo-labeler').description(
    'Labels a training set with the boxes of a trained RefCLIP, for any other model to learn from.',
  );
  addStartCommand(program);
  addMergeCommand(program);
  addExportCommand(program);
  addPreviewCommand(program);
  return await runProgram(program, words, { calledAs: `${pnpmCommand} --filter pseudo-labeler`, continues: true });
}
