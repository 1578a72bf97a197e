import { type CommandResult, calledAs, runProgram, showResult, type Terminal } from '@refclip/furniture';
import { Command } from 'commander';
import { checkCommand } from './check-command.js';
import { convertCommand } from './convert-command.js';
import { previewCommand } from './preview-command.js';
import { statsCommand } from './stats-command.js';
import { synthesizeCommand } from './synthesize-command.js';

/**
 * Runs `refclip-data` with its arguments (without program names).
 *
 * @returns exit code: 0 done, 1 failed or errors found, 2 wrong usage.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const json = args.includes('--json');
  let code = 0;
  const finish = (result: CommandResult) => {
    code = result.code ?? 0;
    showResult(result, json, terminal);
  };
  const program = new Command('refclip-data')
    .description('Convert, check and look at referring-expression data.')
    .addHelpText(
      'after',
      `
Examples:
  $ ${calledAs('@refclip/data')} convert --from refer --input data/refcoco --dataset refcoco --split-by unc --output refcoco.json
  $ ${calledAs('@refclip/data')} convert --from csv --input pairs.csv --to simrec --output pairs.json
  $ ${calledAs('@refclip/data')} synthesize --output data/sample
  $ ${calledAs('@refclip/data')} check refcoco.json --images train2014
  $ ${calledAs('@refclip/data')} stats refcoco.json --html statistics.html
  $ ${calledAs('@refclip/data')} preview refcoco.json --images train2014 --output gallery.html

Exit codes: 0 done, 1 failed or errors found, 2 wrong usage. --json makes the last line of standard output one JSON object.`,
    );
  for (const command of [
    convertCommand(terminal, finish),
    statsCommand(terminal, finish),
    checkCommand(terminal, finish),
    previewCommand(terminal, finish),
    synthesizeCommand(terminal, finish),
  ]) {
    program.addCommand(command);
  }
  return (await runProgram(program, args, { terminal, calledAs: calledAs('@refclip/data') })) || code;
}
