import { createQuietProgress } from './create-quiet-progress.js';
import { stopProgress } from './open-bars.js';
import type { Progress } from './progress.js';
import { processTerminal, type Terminal } from './terminal.js';

/** Called with how much is done and of how much. */
export type OnProgress = (done: number, total: number) => void;

/**
 * Runs work that says itself how much there is of it, and shows how far it is once it has taken two seconds.
 *
 * @param unit  what is counted, plural; `bytes` are shown as KiB, MiB or GiB.
 */
export async function withProgress<T>(
  title: string,
  unit: string,
  run: (onProgress: OnProgress) => Promise<T>,
  terminal: Terminal = processTerminal,
): Promise<T> {
  const since = performance.now();
  let progress: Progress | undefined;
  try {
    const result = await run((done, total) => {
      progress ??= createQuietProgress(title, total, unit, { terminal, since });
      progress.update(done);
    });
    progress?.finish();
    return result;
  } catch (error) {
    stopProgress();
    throw error;
  }
}
