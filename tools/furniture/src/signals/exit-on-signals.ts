import { type StopSignal, stopExitCodes } from '../command-line/interrupted-error.js';

/**
 * Ends a command-line program by `process.exit` when a signal asks it to stop, with the code that a shell shows for it: files that are half written are removed
 * then, which a signal's own default would leave.
 *
 * @returns what takes this back.
 */
export function exitOnSignals(): () => void {
  const signals = Object.keys(stopExitCodes) as StopSignal[];
  const listener = (signal: NodeJS.Signals) => process.exit(stopExitCodes[signal as StopSignal]);
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
