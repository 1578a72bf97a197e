/** What a command hands back to be shown. */
export interface CommandResult {
  /** Exit code: 0 done, 1 something is wrong with the data. */
  readonly code: 0 | 1;
  /** For people. */
  readonly text: string;
  /** Arguments of the command that people want next, shown to them alone. */
  readonly next?: string | undefined;
  /** For programs: the last line of standard output under `--json`. */
  readonly json: Readonly<Record<string, unknown>>;
}
