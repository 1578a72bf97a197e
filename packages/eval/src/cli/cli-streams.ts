/** Where a command writes. */
export interface CliStreams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Whether somebody watches the error stream, so that progress may be drawn on it. */
  readonly interactive?: boolean | undefined;
}
