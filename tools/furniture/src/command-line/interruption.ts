import { processTerminal, type Terminal } from '../terminal/terminal.js';
import { InterruptedError, type StopSignal, stopExitCodes } from './interrupted-error.js';

const signals = Object.keys(stopExitCodes) as StopSignal[];

let current: AbortSignal = new AbortController().signal;

/**
 * Aborted when the running command was asked to stop, with an {@link InterruptedError} as its reason. A loop looks at it between two pieces of work, with
 * `yieldToSignals`, since signals are delivered between turns of the event loop only.
 */
export const interruptionSignal = (): AbortSignal => current;

/** The reason of {@link interruptionSignal} with another message, for a command that knows how to continue. */
export function interruptedWith(message: string): InterruptedError {
  const { reason } = current;
  return new InterruptedError(message, InterruptedError.isInstance(reason) ? reason.exitCode : undefined);
}

/**
 * Runs something during which SIGINT (Ctrl-C), SIGTERM and SIGHUP ask it to stop where it can be continued. A second signal ends the process: files that are
 * half written are removed then.
 */
export async function withInterruption<T>(run: () => Promise<T>, { err }: Terminal = processTerminal): Promise<T> {
  const controller = new AbortController();
  const before = current;
  current = controller.signal;
  const listener = (signal: NodeJS.Signals) => {
    const exitCode = stopExitCodes[signal as StopSignal];
    if (controller.signal.aborted) process.exit(exitCode);
    err.write('\ninterrupted: finishing what is under way and saving; once more to stop at once\n');
    controller.abort(new InterruptedError('interrupted; the same command continues with what is there.', exitCode));
  };
  for (const signal of signals) process.on(signal, listener);
  try {
    return await run();
  } finally {
    for (const signal of signals) process.off(signal, listener);
    current = before;
  }
}
