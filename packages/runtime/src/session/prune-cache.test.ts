import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cachedEntry, cacheFiles } from './model-cache.js';
import { pruneCache } from './prune-cache.js';

const hour = 3600;
const now = Date.now() / 1000;
const key = (letter: string) => letter.repeat(40);
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-prune-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** A folder with a thousand bytes, last used that many hours ago. */
async function entry(name: string, hours: number, manifest = '{}'): Promise<string> {
  const folder = join(directory, name);
  await mkdir(folder);
  await writeFile(join(folder, cacheFiles.model), Buffer.alloc(1000 - manifest.length));
  if (manifest) await writeFile(join(folder, cacheFiles.manifest), manifest);
  await utimes(folder, now - hours * hour, now - hours * hour);
  return folder;
}
const left = async () => (await readdir(directory)).sort();

describe('pruneCache', () => {
  test('removes what was not used for the longest time until the rest is within the limit', async () => {
    for (const [letter, hours] of [
      ['a', 5],
      ['b', 50],
      ['c', 20],
      ['d', 2],
    ] as const)
      await entry(key(letter), hours);
    await pruneCache(directory, 4000, join(directory, key('d')));
    expect(await left()).toHaveLength(4);
    await pruneCache(directory, 2500, join(directory, key('d')));
    expect(await left()).toEqual([key('a'), key('d')]);
  });

  test('leaves the entry that is kept and those of the last hour, whatever the limit', async () => {
    const kept = await entry(key('a'), 100);
    await entry(key('b'), 0.5);
    await entry(key('c'), 3);
    await pruneCache(directory, 0, kept);
    expect(await left()).toEqual([key('a'), key('b')]);
  });

  test('touches nothing that is no entry', async () => {
    await entry('notes', 1000);
    await entry(key('a'), 1000, '');
    await mkdir(join(directory, 'elsewhere'));
    await symlink(join(directory, 'elsewhere'), join(directory, key('f')));
    await writeFile(join(directory, key('e')), 'a file');
    const before = await left();
    await pruneCache(directory, 0, '');
    expect(await left()).toEqual(before);
    await pruneCache(join(directory, 'none'), 0, '');
  });

  test('removes what killed processes left a day ago', async () => {
    await entry(`${key('a')}.building-x1`, 25);
    await entry(`${key('a')}.discarded-7-8`, 25);
    await entry(`${key('a')}.building-x2`, 23);
    await pruneCache(directory, 1e9, '');
    expect(await left()).toEqual([`${key('a')}.building-x2`]);
  });

  test('several at once do not disturb each other', async () => {
    for (let i = 0; i < 16; i++) await entry(i.toString(16).repeat(40), 2 + i);
    await Promise.all([1, 2, 3].map(() => pruneCache(directory, 3000, '')));
    expect(await left()).toEqual(['0', '1', '2'].map(key));
  });

  test('an entry that is found counts as used', async () => {
    const build = (folder: string) => writeFile(join(folder, cacheFiles.model), 'model');
    const { folder } = await cachedEntry(directory, key('a'), build);
    await utimes(folder, now - 9 * hour, now - 9 * hour);
    expect(await cachedEntry(directory, key('a'), build)).toEqual({ folder, found: true });
    expect((await stat(folder)).mtimeMs).toBeGreaterThan((now - hour) * 1000);
  });
});
