import { calledAs } from '@refclip/furniture';
import { RefclipError, UsageError } from '@refclip/structures';
import { Command, CommanderError } from 'commander';
import { checkCommand } from './check-command.js';
import type { CommandResult } from './command-result.js';
import { convertCommand } from './convert-command.js';
import { previewCommand } from './preview-command.js';
import { statsCommand } from './stats-command.js';
import { synthesizeCommand } from './synthesize-command.js';
import type { Terminal } from './terminal.js';

/**
 * Runs `refclip-data` with its arguments (without program names).
 *
 * @returns exit code: 0 done, 1 failed or errors found, 2 wrong usage.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  const json = args.includes('--json');
  let code: 0 | 1 | 2 = 0;
  const finish = (result: CommandResult) => {
    code = result.code;
    const next = result.next === undefined ? '' : `next: ${calledAs('@refclip/data')} ${result.next}\n`;
    terminal.out(json ? `${JSON.stringify(result.json)}\n` : result.text + next);
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
  for (const command of [program, ...program.commands]) {
    command.showHelpAfterError(
      `(see ${calledAs('@refclip/data')} ${command === program ? '' : `${command.name()} `}--help)`,
    );
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: (text) => terminal.err.write(text) });
  }
  try {
    refuseUnknownOptions(program, args);
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message =
      RefclipError.isInstance(error) || isSystemError(error)
        ? (error as Error).message
        : String((error as Error).stack ?? error);
    terminal.err.write(`refclip-data: ${message}\n`);
    if (json)
      terminal.out(
        `${JSON.stringify({ error: message, kind: RefclipError.isInstance(error) ? (error as RefclipError).code : 'internal' })}\n`,
      );
    return RefclipError.isInstance(error) && ['usage', 'config'].includes((error as RefclipError).code) ? 2 : 1;
  }
}

/**
 * Names all unknown options at once. The parser would complain of a missing `--output` first when there is an `--outptu`.
 *
 * @throws {UsageError}
 */
function refuseUnknownOptions(program: Command, args: readonly string[]): void {
  const command = program.commands.find((candidate) => candidate.name() === args[0]);
  if (!command) return;
  const known = new Set(['--help', ...command.options.flatMap(({ long }) => long ?? [])]);
  const end = args.indexOf('--');
  const given = args.slice(1, end < 0 ? undefined : end).filter((arg) => arg.startsWith('--'));
  const unknown = given.map((arg) => arg.split('=')[0] as string).filter((option) => !known.has(option));
  if (unknown.length > 0) {
    throw new UsageError(
      `${command.name()} has no option ${unknown.join(', ')}; expected some of ${[...known].sort().join(', ')}.`,
    );
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
