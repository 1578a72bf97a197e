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

/**
 * Starts a line of progress over `total` items with rate and time left.
 *
 * @param unit what is counted, plural, e.g. `steps`.
 */
export function createProgress(title: string, total: number, unit: string): Progress {
  const started = performance.now();
  const rate = (done: number) => done / Math.max(1e-3, (performance.now() - started) / 1000);
  const left = (done: number) => (done ? formatDuration((total - done) / rate(done)) : '–');
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

/** Seconds for people: `43 s`, `2 min 05 s`, `3 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
