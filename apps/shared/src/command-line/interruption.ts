/** Exit codes by which shells count a program that a signal ended: 128 and the signal's number. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that asks a program to stop: a closed terminal, Ctrl-C, `kill`. */
export type StopSignal = keyof typeof exitCodes;

const signals = Object.keys(exitCodes) as StopSignal[];

/** What a command throws when a signal stopped it and everything is saved. */
export class InterruptedError extends Error {
  /** Default 130, as after Ctrl-C. */
  readonly exitCode: number;

  /** @param message  what is kept and how to continue. */
  constructor(message: string, exitCode: number = exitCodes.SIGINT) {
    super(message);
    this.exitCode = exitCode;
  }
}

let current: AbortSignal = new AbortController().signal;

/**
 * Aborted when the running command was asked to stop, with an {@link InterruptedError} as its reason. A loop looks at it between two pieces of work, with
 * `yieldToSignals`, since signals are delivered between turns of the event loop only.
 */
export const interruptionSignal = (): AbortSignal => current;

/** The reason of {@link interruptionSignal} with another message, for a command that knows how to continue. */
export function interruptedWith(message: string): InterruptedError {
  const { reason } = current;
  return new InterruptedError(message, reason instanceof InterruptedError ? reason.exitCode : undefined);
}

/**
 * Runs something during which SIGINT (Ctrl-C), SIGTERM and SIGHUP ask it to stop where it can be continued. A second signal ends the process: files that are
 * half written are removed then.
 */
export async function withInterruption<T>(run: () => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const before = current;
  current = controller.signal;
  const listener = (signal: NodeJS.Signals) => {
    const exitCode = exitCodes[signal as StopSignal];
    if (controller.signal.aborted) process.exit(exitCode);
    process.stderr.write('\ninterrupted: finishing what is under way and saving; once more to stop at once\n');
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
