import type { Terminal } from '../terminal/terminal.js';
import { printJson } from './print-json.js';

/** What a command hands back to be shown. */
export interface CommandResult {
  /** Exit code: 0 done (default), 1 something is wrong with what it looked at. */
  readonly code?: 0 | 1;
  /** For people. */
  readonly text: string;
  /** The command that people want next, as they type it; shown to them alone. */
  readonly next?: string | undefined;
  /** For programs: the last line of standard output under `--json`. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Prints a result: under `--json` one line for programs, otherwise text for people and what they may want next. */
export function showResult({ text, next, json }: CommandResult, asJson: boolean, terminal: Terminal): void {
  if (asJson) printJson(json, terminal);
  else terminal.out(next === undefined ? text : `${text}next: ${next}\n`);
}
