import { MultiBar, Presets } from 'cli-progress';

/** A line of progress on standard error: a bar on a terminal, a line every few seconds elsewhere. */
export interface Progress {
  /** @param done items finished so far. @param note what else people want to see, e.g. `loss 1.234`. */
  update(done: number, note?: string): void;
  finish(): void;
}

const plainInterval = 10_000;

const open = new Set<MultiBar>();

/** Ends the bars of work that failed or was stopped: they would keep the process alive and the cursor hidden. */
export function stopProgress(): void {
  for (const bars of open) bars.stop();
  open.clear();
}
process.on('exit', stopProgress);

/** What {@link createProgress} counts beside its own items. */
export interface ProgressOptions {
  /** Items that were done before, e.g. by the process that is resumed. Default 0. */
  readonly from?: number;
  /** Items that come after these, e.g. the steps of later epochs: the time left is that of all. Default 0. */
  readonly ahead?: number;
}

/**
 * Starts a line of progress over `total` items with rate and time left.
 *
 * @param unit what is counted, plural, e.g. `steps`.
 */
export function createProgress(
  title: string,
  total: number,
  unit: string,
  { from = 0, ahead = 0 }: ProgressOptions = {},
): Progress {
  const started = performance.now();
  const rate = (done: number) => (done - from) / Math.max(1e-3, (performance.now() - started) / 1000);
  const of = ahead ? ' of the run' : '';
  const left = (done: number) => (done > from ? `${formatDuration((total - done + ahead) / rate(done))}${of}` : '–');
  if (!process.stderr.isTTY) {
    let shown = started;
    let last = '';
    return {
      update(done, note = '') {
        last = note;
        if (performance.now() - shown < plainInterval) return;
        shown = performance.now();
        process.stderr.write(
          `${title}: ${done}/${total} ${unit}, ${rate(done).toFixed(1)}/s, ${left(done)} left ${note}\n`,
        );
      },
      finish() {
        const seconds = (performance.now() - started) / 1000;
        process.stderr.write(`${title}: ${total} ${unit} in ${formatDuration(seconds)} ${last}\n`);
      },
    };
  }
  const bars = new MultiBar(
    {
      format: '{title} {bar} {value}/{total} {unit}  {rate}/s  {left} left  {note}',
      clearOnComplete: false,
      hideCursor: true,
      // Signals are for the program to handle: see `withInterruption`.
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  const payload = (done: number, note: string) => ({
    title,
    unit,
    note,
    rate: rate(done).toFixed(1),
    left: left(done),
  });
  const bar = bars.create(total, 0, payload(0, ''));
  open.add(bars);
  return {
    update: (done, note = '') => bar.update(done, payload(done, note)),
    finish: () => {
      bars.stop();
      open.delete(bars);
    },
  };
}

/** The same for work that is often short: nothing is shown in the first two seconds. */
export function createQuietProgress(title: string, total: number, unit: string): Progress {
  const started = performance.now();
  let shown: Progress | undefined;
  return {
    update(done, note) {
      if (!shown && performance.now() - started > 2000 && done < total)
        shown = createProgress(title, total, unit, { from: done });
      shown?.update(done, note);
    },
    finish: () => shown?.finish(),
  };
}

/** Seconds for people: `43 s`, `2 min 05 s`, `3 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
