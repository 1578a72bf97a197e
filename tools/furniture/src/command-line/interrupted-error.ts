/** Exit codes by which shells count a program that a signal ended: 128 and the signal's number. */
export const stopExitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** A signal that asks a program to stop: a closed terminal, Ctrl-C, `kill`. */
export type StopSignal = keyof typeof stopExitCodes;

const marker = Symbol.for('@refclip/interrupted');

/** What a command throws when a signal stopped it and everything is saved. */
export class InterruptedError extends Error {
  /** Default 130, as after Ctrl-C. */
  readonly exitCode: number;

  /** @param message  what is kept and how to continue. */
  constructor(message: string, exitCode: number = stopExitCodes.SIGINT) {
    super(message);
    this.exitCode = exitCode;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a value is such an error, also one of another package that this code is bundled into. */
  static isInstance(value: unknown): value is InterruptedError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}
