import { calledAs, runProgram, showResult, type Terminal } from '@refclip/furniture';
import { Command } from 'commander';
import { vectorsCommand } from './vectors-command.js';

/**
 * Runs `refclip-text` with its arguments (without program names).
 *
 * @returns exit code: 0 done, 1 failed, 2 wrong usage.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const asJson = args.includes('--json');
  const program = new Command('refclip-text')
    .description('Prepare words for referring-expression models.')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong usage. --json makes the last line of standard output one JSON object.',
    )
    .addCommand(vectorsCommand(terminal, (result) => showResult(result, asJson, terminal)));
  return await runProgram(program, args, { terminal, calledAs: calledAs('@refclip/text') });
}
