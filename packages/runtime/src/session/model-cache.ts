import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Names of the files of an entry. */
export const cacheFiles = { model: 'model.onnx', weights: 'weights.bin', manifest: 'manifest.json' } as const;

/**
 * The folder of an entry, built when it is missing or damaged.
 *
 * An entry appears whole or not at all: it is built in a folder of its own and renamed. Of several processes that build one at the same time the first wins.
 *
 * @param build  writes the model files into the folder.
 * @returns the folder, and whether it was there.
 */
export async function cachedEntry(
  directory: string,
  key: string,
  build: (folder: string) => Promise<void>,
): Promise<{ readonly folder: string; readonly found: boolean }> {
  const folder = join(directory, key);
  if (await isWhole(folder)) {
    // The folder's own time says when the entry was used last, for `pruneCache`; on a disk that cannot be written to it does not matter.
    const now = new Date();
    await utimes(folder, now, now).catch(() => undefined);
    return { folder, found: true };
  }
  await mkdir(directory, { recursive: true });
  const temporary = await mkdtemp(join(directory, `${key}.building-`));
  try {
    await build(temporary);
    await writeFile(join(temporary, cacheFiles.manifest), JSON.stringify(await describe(temporary)));
    await publish(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return { folder, found: false };
}

/** Moves the new entry to its place; a damaged one there makes room first. */
async function publish(temporary: string, folder: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(temporary, folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'EPERM') throw error;
      if (await isWhole(folder)) return;
      if (attempt === 3) throw error;
      await discardEntry(folder);
    }
  }
}

/** Removes an entry that turned out unusable. Renamed first, so that nobody sees half of it. */
export async function discardEntry(folder: string): Promise<void> {
  const doomed = `${folder}.discarded-${process.pid}-${Date.now()}`;
  await rename(folder, doomed).catch(() => undefined);
  await rm(doomed, { recursive: true, force: true });
}

/** Against damage, not against malice: whoever can write here can write a manifest. */
type Manifest = Readonly<Record<string, ManifestEntry>>;

interface ManifestEntry {
  readonly size: number;
  readonly crc32: number;
  /** Inode and times when the sum was made, to the nanosecond: a file that still has them was not written to since and is not summed again. */
  readonly state: string;
}

async function contentsOf(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== cacheFiles.manifest).sort();
}

async function describe(folder: string): Promise<Manifest> {
  const entries: [string, ManifestEntry][] = [];
  for (const name of await contentsOf(folder)) {
    const path = join(folder, name);
    entries.push([name, { ...(await checksum(path)), state: await stateOf(path) }]);
  }
  return Object.fromEntries(entries);
}

async function isWhole(folder: string): Promise<boolean> {
  try {
    const expected = JSON.parse(await readFile(join(folder, cacheFiles.manifest), 'utf8')) as Manifest;
    const names = await contentsOf(folder);
    if (names.join() !== Object.keys(expected).join()) return false;
    for (const name of names) {
      const path = join(folder, name);
      const { size, crc32: sum, state } = expected[name] as ManifestEntry;
      if (state === (await stateOf(path))) continue;
      const found = await checksum(path);
      if (found.size !== size || found.crc32 !== sum) return false;
    }
    return true;
  } catch {
    return false;
  }
}

async function stateOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

async function checksum(path: string): Promise<Pick<ManifestEntry, 'size' | 'crc32'>> {
  const file = await open(path);
  try {
    const piece = Buffer.allocUnsafe(4 << 20);
    let [size, sum] = [0, 0];
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, size);
      if (!bytesRead) return { size, crc32: sum };
      sum = crc32(piece.subarray(0, bytesRead), sum);
      size += bytesRead;
    }
  } finally {
    await file.close();
  }
}
