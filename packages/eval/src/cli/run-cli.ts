import { RefclipError } from '@refclip/structures';
import { Command, CommanderError } from 'commander';
import type { CliStreams } from './cli-streams.js';
import { addCompareCommand } from './compare-command.js';
import { addConvertCommand } from './convert-command.js';
import { addReportCommand } from './report-command.js';
import { addScoreCommand } from './score-command.js';

/**
 * The command line of `refclip-eval`.
 *
 * @param args  without node and script.
 * @returns exit code: 0 done, 1 failed (a file is malformed, or an accuracy below the minimum), 2 wrong usage.
 */
export async function runCli(args: readonly string[], streams: CliStreams): Promise<number> {
  let exitCode = 0;
  const program = new Command('refclip-eval')
    .description('Scores the predictions of any referring-expression model.')
    .exitOverride()
    .configureOutput({ writeOut: streams.out, writeErr: streams.error });
  addScoreCommand(program, streams, (code) => {
    exitCode = code;
  });
  addCompareCommand(program, streams);
  addConvertCommand(program, streams);
  addReportCommand(program, streams);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!RefclipError.isInstance(error)) throw error;
    streams.error(`${error.message}\n`);
    return error.code === 'usage' || error.code === 'config' ? 2 : 1;
  }
}
