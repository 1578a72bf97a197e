import cliProgress from 'cli-progress';

/** Where a command speaks: results to `out`, everything else to `err`. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Reading less than this takes under two seconds. */
const quietBytes = 16 << 20;

/** Says on the error stream that a large file is being read: that happens in one go, with nothing to count. */
export function announceReading({ err }: Terminal): (file: string, bytes: number) => void {
  return (file, bytes) => {
    if (bytes > quietBytes) err.write(`reading ${file} (${Math.round(bytes / 2 ** 20)} MiB)\n`);
  };
}

/** Work shorter than this shows no progress. */
const quietMs = 2000;

/** Shows how far a long work is, on the error stream, once it has taken two seconds. */
export interface Progress {
  update(done: number, total: number): void;
  stop(): void;
}

/** @param label  what is being done, e.g. `decoding images`. */
export function startProgress(label: string, { err }: Terminal): Progress {
  const started = performance.now();
  let bar: cliProgress.SingleBar | undefined;
  const rate = (done: number) => ({ rate: ((1000 * done) / (performance.now() - started)).toFixed(0) });
  return {
    update(done, total) {
      if (!bar && performance.now() - started < quietMs) return;
      if (!bar) {
        bar = new cliProgress.SingleBar({
          stream: err,
          format: `${label} {bar} {value}/{total}, {rate}/s, {eta_formatted} left`,
          noTTYOutput: true,
          notTTYSchedule: 5000,
          hideCursor: true,
        });
        bar.start(total, done, rate(done));
      } else bar.update(done, rate(done));
    },
    stop: () => bar?.stop(),
  };
}
