import { RefclipError } from '@refclip/structures';
import { Command, CommanderError } from 'commander';
import type { Terminal } from './byte-progress.js';
import { vectorsCommand } from './vectors-command.js';

/**
 * Runs `refclip-text` with its arguments (without program names).
 *
 * @returns exit code: 0 done, 1 failed, 2 wrong usage.
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  const json = args.includes('--json');
  const print = (value: unknown) => terminal.out(`${JSON.stringify(value)}\n`);
  const program = new Command('refclip-text')
    .description('Prepare words for referring-expression models.')
    .showHelpAfterError('(see --help)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong usage. --json makes the last line of standard output one JSON object.',
    )
    .addCommand(vectorsCommand(terminal, (result) => (json ? print(result.json) : terminal.out(result.text))));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: (text) => terminal.err.write(text) });
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const known = RefclipError.isInstance(error) ? error : undefined;
    const message = known?.message ?? String((error as Error).stack ?? error);
    terminal.err.write(`refclip-text: ${message}\n`);
    if (json) print({ error: message, kind: known?.code ?? 'internal' });
    return known?.code === 'usage' ? 2 : 1;
  }
}
