import { pnpmCommand, runProgram } from '@refclip/app-shared';
import { Command } from 'commander';
import { addCacheCommand } from '../commands/cache.js';
import { addEvaluateCommand } from '../commands/evaluate.js';
import { addExportCommand } from '../commands/export.js';
import { addGroundCommand } from '../commands/ground.js';
import { addImportCommands } from '../commands/import-weights.js';
import { addPretrainCommand } from '../commands/pretrain.js';
import { addSchemeCommand } from '../commands/scheme.js';
import { addStartCommand } from '../commands/start.js';

/**
 * Parses the command line and runs one command.
 *
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  const program = new Command('trainer').description(
    'Trains RefCLIP from image–expression pairs, evaluates it, and asks it for boxes.',
  );
  addStartCommand(program);
  addEvaluateCommand(program);
  addGroundCommand(program);
  addPretrainCommand(program);
  addCacheCommand(program);
  addSchemeCommand(program);
  addImportCommands(program);
  addExportCommand(program);
  return await runProgram(program, words, { calledAs: `${pnpmCommand} --filter trainer`, continues: true });
}
