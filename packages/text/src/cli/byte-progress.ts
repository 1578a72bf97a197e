import cliProgress from 'cli-progress';

/** Where a command speaks: results to `out`, everything else to `err`. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: NodeJS.WritableStream;
}

/** Work shorter than this shows no progress. */
const quietMs = 2000;

/** Shows on the error stream how far the reading of a file is, its rate and the time left, once it has taken two seconds. */
export function startByteProgress(label: string, totalBytes: number, { err }: Terminal) {
  const started = performance.now();
  let done = 0;
  let bar: cliProgress.SingleBar | undefined;
  return {
    add(bytes: number): void {
      done += bytes;
      const elapsed = performance.now() - started;
      if (elapsed < quietMs) return;
      // From the average: pieces arrive in bursts, and the bar's own estimate jumps with them.
      const left = (elapsed / done) * Math.max(0, totalBytes - done);
      const payload = { rate: `${Math.round(done / 1e3 / elapsed)} MB/s`, left: `${Math.ceil(left / 1000)} s` };
      if (bar) bar.update(done, payload);
      else {
        const format = `${label} {bar} {percentage} %, {rate}, {left} left`;
        bar = new cliProgress.SingleBar({
          stream: err,
          format,
          noTTYOutput: true,
          notTTYSchedule: 5000,
          hideCursor: true,
        });
        bar.start(Math.max(totalBytes, done), done, payload);
      }
    },
    stop: () => bar?.stop(),
  };
}
