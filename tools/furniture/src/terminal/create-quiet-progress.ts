import { createProgress, type Progress, type ProgressOptions } from './progress.js';

/** Work shorter than this shows no progress. */
const quietMs = 2000;

/** {@link ProgressOptions} of work that is often short. */
export interface QuietProgressOptions extends Omit<ProgressOptions, 'from'> {
  /** When the work began, in `performance.now()`. Default now. */
  readonly since?: number;
}

/** {@link createProgress} for work that is often short: nothing is shown in the first two seconds. */
export function createQuietProgress(
  title: string,
  total: number,
  unit: string,
  { since = performance.now(), ...options }: QuietProgressOptions = {},
): Progress {
  let shown: Progress | undefined;
  return {
    update(done, note) {
      if (!shown && performance.now() - since > quietMs && done < total)
        shown = createProgress(title, total, unit, { ...options, from: done });
      shown?.update(done, note);
    },
    finish: () => shown?.finish(),
  };
}
