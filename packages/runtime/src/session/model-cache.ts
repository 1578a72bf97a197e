import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { SplitModel } from '../lower/external-weights.js';
import { encodeOnnxModel } from '../lower/onnx-proto.js';

/** Names of the files of an entry. */
export const cacheFiles = { model: 'model.onnx', weights: 'weights.bin', manifest: 'manifest.json' } as const;

/** What decides whether an optimized model fits: content, ONNX Runtime, provider, processor. */
export function cacheKey({ model, weights }: SplitModel, provider: string, runtimeVersion: string): string {
  const hash = createHash('sha256');
  // Optimized models hold layouts chosen for the processor.
  hash.update(JSON.stringify(['1', provider, runtimeVersion, process.platform, process.arch, cpus()[0]?.model]));
  hash.update(encodeOnnxModel(model));
  for (const { data } of weights) hash.update(data);
  return hash.digest('hex').slice(0, 40);
}

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
  if (await isWhole(folder)) return { folder, found: true };
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

type Manifest = Readonly<Record<string, { readonly size: number; readonly sha256: string }>>;

async function describe(folder: string): Promise<Manifest> {
  const names = (await readdir(folder)).filter((name) => name !== cacheFiles.manifest).sort();
  const entries = names.map(async (name) => {
    const path = join(folder, name);
    return [name, { size: (await stat(path)).size, sha256: await digest(path) }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function isWhole(folder: string): Promise<boolean> {
  try {
    const expected: unknown = JSON.parse(await readFile(join(folder, cacheFiles.manifest), 'utf8'));
    return JSON.stringify(expected) === JSON.stringify(await describe(folder));
  } catch {
    return false;
  }
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
