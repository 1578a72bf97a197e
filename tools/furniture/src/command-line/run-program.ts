import { RefclipError } from '@refclip/structures';
import { type Command, CommanderError, Help } from 'commander';
import { exitOnSignals } from '../signals/exit-on-signals.js';
import { stopProgress } from '../terminal/open-bars.js';
import { processTerminal, type Terminal } from '../terminal/terminal.js';
import { assertOptions } from './assert-options.js';
import { InterruptedError } from './interrupted-error.js';
import { withInterruption } from './interruption.js';
import { printJson, takePrintedJson } from './print-json.js';
import { systemFailure } from './system-failure.js';

/** How {@link runProgram} runs. */
export interface RunProgramOptions {
  /** Default: the streams of the process. */
  readonly terminal?: Terminal;
  /** How the program is called by whoever reads its errors, as `npx @refclip/data`; default the program's name. */
  readonly calledAs?: string;
  /**
   * Whether its commands look at `interruptionSignal` and leave what can be continued. Otherwise a signal ends the process at once, and files that are half
   * written are removed. Default false.
   */
  readonly continues?: boolean;
}

/**
 * Parses the command line of a program and runs one of its commands. All errors are told here, under `--json` also as the last line of standard output:
 * `{"error": "…", "kind": "usage"}`, where the command printed no JSON of its own.
 *
 * @param words  what the user typed after the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted (143 by SIGTERM, 129 by a closed terminal).
 */
export async function runProgram(
  program: Command,
  words: readonly string[],
  { terminal = processTerminal, calledAs = program.name(), continues = false }: RunProgramOptions = {},
): Promise<number> {
  setUp(program, calledAs, terminal);
  takePrintedJson();
  const parse = () => program.parseAsync([...words], { from: 'user' });
  const release = continues ? () => {} : exitOnSignals();
  try {
    assertOptions(program, words);
    await (continues ? withInterruption(parse, terminal) : parse());
    return 0;
  } catch (error) {
    stopProgress();
    const { message, kind, exitCode } = describe(error);
    if (exitCode === 0) return 0;
    // The parser has printed its own.
    if (!(error instanceof CommanderError)) terminal.err.write(`${message}\n`);
    const end = words.indexOf('--');
    const asksForJson = words.slice(0, end < 0 ? undefined : end).includes('--json');
    if (asksForJson && !takePrintedJson()) {
      printJson({ error: message.replace(/^error: /, ''), kind }, terminal);
    }
    return exitCode;
  } finally {
    release();
  }
}

/** One manner for the commands of every program. */
function setUp(command: Command, calledAs: string, terminal: Terminal): void {
  command
    .exitOverride()
    .showHelpAfterError(`(see ${calledAs} --help)`)
    .configureOutput({ writeOut: terminal.out, writeErr: (text) => terminal.err.write(text) })
    .configureHelp({
      optionDescription(option) {
        const text = Help.prototype.optionDescription.call(this, option);
        return option.mandatory && option.defaultValue === undefined ? `${text} (required)` : text;
      },
    });
  for (const part of command.commands) setUp(part, `${calledAs} ${part.name()}`, terminal);
}

interface Description {
  readonly message: string;
  /** The code of a {@link RefclipError}, or how else it ended. */
  readonly kind: string;
  readonly exitCode: number;
}

function describe(error: unknown): Description {
  if (error instanceof CommanderError) {
    return { message: error.message, kind: 'usage', exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  if (InterruptedError.isInstance(error)) {
    return { message: error.message, kind: 'interrupted', exitCode: error.exitCode };
  }
  if (RefclipError.isInstance(error)) {
    const { message, code } = error;
    return { message: `error: ${message}`, kind: code, exitCode: code === 'config' || code === 'usage' ? 2 : 1 };
  }
  // A full disk, a missing permission: the system's refusal, not a fault of this program.
  if (error instanceof Error && 'syscall' in error) {
    return { message: `error: ${systemFailure(error as NodeJS.ErrnoException).message}`, kind: 'file', exitCode: 1 };
  }
  const told = error instanceof Error ? error.stack : String(error);
  return { message: `unexpected error, please report it: ${told}`, kind: 'internal', exitCode: 1 };
}
