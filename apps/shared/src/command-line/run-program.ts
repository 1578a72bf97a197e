import { writeFailure } from '@refclip/furniture';
import { RefclipError } from '@refclip/structures';
import { type Command, CommanderError } from 'commander';
import { stopProgress } from '../terminal/progress.js';
import { assertKnownOptions } from './assert-known-options.js';
import { InterruptedError, withInterruption } from './interruption.js';

/**
 * Parses the command line of an application and runs one of its commands.
 *
 * @param words  what the user typed after the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted (143 by SIGTERM, 129 by a closed terminal).
 */
export async function runProgram(program: Command, words: readonly string[]): Promise<number> {
  for (const command of [program, ...program.commands])
    command.exitOverride().showHelpAfterError('(--help lists the options)');
  try {
    assertKnownOptions(program, words);
    await withInterruption(() => program.parseAsync(['node', program.name(), ...words]));
    return 0;
  } catch (error) {
    stopProgress();
    return reportError(error);
  }
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof InterruptedError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (RefclipError.isInstance(error)) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.code === 'config' || error.code === 'usage' ? 2 : 1;
  }
  // A full disk, a missing permission: the system's refusal, not a fault of this program.
  if (error instanceof Error && 'syscall' in error) {
    const file = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
    process.stderr.write(`error: ${writeFailure(file, error).message}\n`);
    return 1;
  }
  process.stderr.write(`unexpected error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
