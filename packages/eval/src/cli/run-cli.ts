import { calledAs, runProgram } from '@refclip/furniture';
import { Command } from 'commander';
import { type CliStreams, terminalOf } from './cli-streams.js';
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
  const program = new Command('refclip-eval').description('Scores the predictions of any referring-expression model.');
  addScoreCommand(program, streams, (code) => {
    exitCode = code;
  });
  addCompareCommand(program, streams);
  addConvertCommand(program, streams);
  addReportCommand(program, streams);
  const terminal = terminalOf(streams);
  return (await runProgram(program, args, { terminal, calledAs: calledAs('@refclip/eval') })) || exitCode;
}
