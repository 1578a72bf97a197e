import { RefclipError } from '@refclip/structures';
import { type Command, CommanderError } from 'commander';

/** What a command throws when a signal stopped it and everything is saved; the program ends with 130, as shells count it. */
export class InterruptedError extends Error {}

/**
 * Parses the command line of an application and runs one of its commands.
 *
 * @param words  what the user typed after the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted.
 */
export async function runProgram(program: Command, words: readonly string[]): Promise<number> {
  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError('(--help lists the options)');
  try {
    await program.parseAsync(['node', program.name(), ...words]);
    return 0;
  } catch (error) {
    return reportError(error);
  }
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof InterruptedError) {
    process.stderr.write(`${error.message}\n`);
    return 130;
  }
  if (RefclipError.isInstance(error)) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.code === 'config' || error.code === 'usage' ? 2 : 1;
  }
  process.stderr.write(`unexpected error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
