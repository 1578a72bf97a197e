import { MultiBar, Presets } from 'cli-progress';
import { formatBytes } from './format-bytes.js';
import { formatDuration } from './format-duration.js';
import { openBars, stopProgress } from './open-bars.js';
import { processTerminal, type Terminal } from './terminal.js';

/** A line of progress on standard error: a bar on a terminal, a line every few seconds elsewhere. */
export interface Progress {
  /** @param done items finished so far. @param note what else people want to see, e.g. `loss 1.234`. */
  update(done: number, note?: string): void;
  finish(): void;
}

/** What {@link createProgress} counts beside its own items, and where it is shown. */
export interface ProgressOptions {
  /** Items that were done before, e.g. by the process that is resumed. Default 0. */
  readonly from?: number;
  /** Items that come after these, e.g. the steps of later epochs: the time left is that of all. Default 0. */
  readonly ahead?: number;
  /** Default: the streams of the process. */
  readonly terminal?: Terminal;
}

const plainInterval = 10_000;

process.on('exit', stopProgress);

/**
 * Starts a line of progress over `total` items with rate and time left.
 *
 * @param unit what is counted, plural, e.g. `steps`; `bytes` are shown as KiB, MiB or GiB.
 */
export function createProgress(
  title: string,
  total: number,
  unit: string,
  { from = 0, ahead = 0, terminal: { err } = processTerminal }: ProgressOptions = {},
): Progress {
  const started = performance.now();
  const rate = (done: number) => (done - from) / Math.max(1e-3, (performance.now() - started) / 1000);
  const of = ahead ? ' of the run' : '';
  const inBytes = unit === 'bytes';
  const figures = (done: number) => ({
    count: inBytes ? `${formatBytes(done)} of ${formatBytes(total)}` : `${done}/${total} ${unit}`,
    rate: `${inBytes ? formatBytes(rate(done)) : rate(done).toFixed(1)}/s`,
    left: done > from ? `${formatDuration((total - done + ahead) / rate(done))}${of}` : '–',
  });
  if (!err.isTTY) {
    let shown = started;
    let last = '';
    return {
      update(done, note = '') {
        last = note;
        if (performance.now() - shown < plainInterval) return;
        shown = performance.now();
        const { count, rate, left } = figures(done);
        err.write(`${title}: ${count}, ${rate}, ${left} left ${note}\n`);
      },
      finish() {
        const seconds = (performance.now() - started) / 1000;
        const all = inBytes ? formatBytes(total) : `${total} ${unit}`;
        err.write(`${title}: ${all} in ${formatDuration(seconds)} ${last}\n`);
      },
    };
  }
  const bars = new MultiBar(
    {
      stream: err as NodeJS.WriteStream,
      format: '{title} {bar} {count}  {rate}  {left} left  {note}',
      clearOnComplete: false,
      hideCursor: true,
      // Signals are for the program to handle: see `withInterruption`.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  const payload = (done: number, note: string) => ({ title, note, ...figures(done) });
  const bar = bars.create(total, 0, payload(0, ''));
  openBars.add(bars);
  return {
    update: (done, note = '') => bar.update(done, payload(done, note)),
    finish: () => {
      bars.stop();
      openBars.delete(bars);
    },
  };
}
