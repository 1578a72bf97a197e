import { processTerminal, type Terminal } from '../terminal/terminal.js';

let printed = false;

/** Prints the JSON that standard output ends with under `--json`. */
export function printJson(value: unknown, { out }: Terminal = processTerminal): void {
  printed = true;
  out(`${JSON.stringify(value)}\n`);
}

/** Whether {@link printJson} was called since this was. */
export function takePrintedJson(): boolean {
  const was = printed;
  printed = false;
  return was;
}
