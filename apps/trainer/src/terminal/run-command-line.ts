import { RefclipError } from '@refclip/structures';
import { Command, CommanderError } from 'commander';
import { addEvaluateCommand } from '../commands/evaluate.js';
import { addGroundCommand } from '../commands/ground.js';
import { addPretrainCommand } from '../commands/pretrain.js';
import { addStartCommand } from '../commands/start.js';

/**
 * Parses the command line and runs one command.
 *
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  const program = new Command('trainer')
    .description('Trains RefCLIP from image–expression pairs, evaluates it, and asks it for boxes.')
    .showHelpAfterError('(--help lists the options)')
    .exitOverride();
  addStartCommand(program);
  addEvaluateCommand(program);
  addGroundCommand(program);
  addPretrainCommand(program);
  for (const command of program.commands) command.exitOverride().showHelpAfterError('(--help lists the options)');
  try {
    await program.parseAsync(['node', 'trainer', ...words]);
    return 0;
  } catch (error) {
    return reportError(error);
  }
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (RefclipError.isInstance(error)) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.code === 'config' || error.code === 'usage' ? 2 : 1;
  }
  process.stderr.write(`unexpected error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
