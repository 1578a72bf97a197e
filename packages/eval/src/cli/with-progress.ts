import { Presets, SingleBar } from 'cli-progress';
import type { CliStreams } from './cli-streams.js';

/** Called with how much is done and of how much, in any unit. */
export type OnProgress = (done: number, total: number) => void;

/** Runs a task and draws its progress with the time left, where somebody watches. */
export async function withProgress<R>(
  title: string,
  { interactive = false }: CliStreams,
  run: (onProgress: OnProgress | undefined) => Promise<R>,
): Promise<R> {
  if (!interactive) return run(undefined);
  const format = `${title} {bar} {percentage} %, {eta_formatted} left`;
  const bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true }, Presets.shades_classic);
  let started = false;
  try {
    return await run((done, total) => {
      if (!started) bar.start(total, 0);
      started = true;
      bar.update(done);
    });
  } finally {
    if (started) bar.stop();
  }
}
