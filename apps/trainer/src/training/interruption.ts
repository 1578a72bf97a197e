/** Whether someone asked the process to stop. */
export interface Interruption {
  readonly requested: boolean;
  /** Gives the signals their usual meaning again. */
  release(): void;
}

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Takes SIGINT (Ctrl-C) and SIGTERM as a request to finish the step and save; a second one ends the process at once. */
export function listenForInterruption(): Interruption {
  let requested = false;
  const listener = () => {
    requested = true;
    release();
    process.stderr.write('\ninterrupted: finishing the step and saving; once more to stop at once\n');
  };
  const release = () => {
    for (const signal of signals) process.off(signal, listener);
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    get requested() {
      return requested;
    },
    release,
  };
}
