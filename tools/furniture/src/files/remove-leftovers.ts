import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const hour = 3_600_000;
/** What is written here ends in a random name or a process's number and `.tmp` until it is whole; other people's `.tmp` files do not. */
const halfWritten = /\.([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+)\.tmp$/;

/** Which half-written files count as left behind. */
export interface RemoveLeftoversOptions {
  /** Milliseconds since the last write after which nobody is at work on a file any more. 0 where no other process writes. Default an hour. */
  readonly age?: number;
}

/**
 * Removes half-written files that killed processes left in a folder and below it. One that is gone meanwhile, or a folder that is not there, is no error.
 *
 * @returns how many were removed.
 */
export async function removeLeftovers(folder: string, { age = hour }: RemoveLeftoversOptions = {}): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  let removed = 0;
  for (const name of names) {
    if (!halfWritten.test(name)) continue;
    const file = join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile() || Date.now() - found.mtimeMs < age) continue;
    await rm(file, { force: true });
    removed++;
  }
  return removed;
}
