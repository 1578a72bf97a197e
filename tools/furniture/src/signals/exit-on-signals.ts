import { constants } from 'node:os';

/**
 * Ends a command-line program by `process.exit` when a signal asks it to stop, with the code that a shell shows for it: files that are half written are removed
 * then, which a signal's own default would leave.
 */
export function exitOnSignals(): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
