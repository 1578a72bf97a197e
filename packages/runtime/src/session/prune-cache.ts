import type { Dirent } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFiles, discardEntry } from './model-cache.js';

const hour = 3_600_000;
/** Another process may be loading an entry that was used this short a time ago. */
const inUse = hour;
/** A folder that is built, or removed, for this long belongs to a process that was killed. */
const abandoned = 24 * hour;

const entryName = /^[0-9a-f]{40}$/;
const leftoverName = /^[0-9a-f]{40}\.(?:building|discarded)-/;

interface Entry {
  readonly folder: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly used: number;
}

/**
 * Removes the entries that were not used for the longest time until all together are within the limit, and what killed processes left. Entries used within
 * the last hour stay, so the folder may be larger than the limit for a while. Only what is named and made like an entry is touched, links are not followed, and
 * what cannot be removed is left alone: another process may be doing the same.
 *
 * @param limit  bytes of all entries together.
 * @param keep   an entry that stays in any case.
 */
export async function pruneCache(directory: string, limit: number, keep: string): Promise<void> {
  const now = Date.now();
  const entries: Entry[] = [];
  for (const found of await readdir(directory, { withFileTypes: true }).catch((): Dirent[] => [])) {
    if (!found.isDirectory()) continue;
    const folder = join(directory, found.name);
    if (leftoverName.test(found.name)) await removeLeftover(folder, now);
    else if (entryName.test(found.name)) entries.push(...(await entryOf(folder)));
  }
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const entry of entries.sort((a, b) => a.used - b.used)) {
    if (bytes <= limit) return;
    if (entry.folder === keep || now - entry.used < inUse) continue;
    await discardEntry(entry.folder).catch(() => undefined);
    bytes -= entry.bytes;
  }
}

async function removeLeftover(folder: string, now: number): Promise<void> {
  try {
    if (now - (await lstat(folder)).mtimeMs > abandoned) await rm(folder, { recursive: true, force: true });
  } catch {
    // Gone already, or not ours to remove.
  }
}

/** Empty for a folder that is no entry, or was removed meanwhile. */
async function entryOf(folder: string): Promise<readonly Entry[]> {
  try {
    const names = await readdir(folder);
    if (!names.includes(cacheFiles.manifest)) return [];
    const sizes = await Promise.all(names.map(async (name) => (await lstat(join(folder, name))).size));
    const { mtimeMs } = await lstat(folder);
    return [{ folder, bytes: sizes.reduce((sum, size) => sum + size, 0), used: mtimeMs }];
  } catch {
    return [];
  }
}
