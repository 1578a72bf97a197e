import type { Terminal } from '@refclip/furniture';

/** Where a command writes. */
export interface CliStreams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Whether somebody watches the error stream, so that progress may be drawn on it. */
  readonly interactive?: boolean | undefined;
}

/** The same streams as the command-line shell has them. */
export function terminalOf({ out, error, interactive = false }: CliStreams): Terminal {
  const write = (text: string | Uint8Array) => {
    error(String(text));
    return true;
  };
  // A bar is drawn on the process's own standard error: it moves the cursor there.
  return { out, err: interactive ? process.stderr : { write } };
}
