/** Where a command speaks. */
export interface Terminal {
  /** Results: standard output. */
  readonly out: (text: string) => void;
  /** Everything else, such as progress, notes and errors: standard error. */
  readonly err: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };
}

/** The streams of this process, looked up at each use. */
export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  get err() {
    return process.stderr;
  },
};
