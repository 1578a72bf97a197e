import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '@refclip/structures';
import { imageKey } from '../predictions/image-key.js';

/**
 * The image files of a folder and the folders in it, by image id as prediction files have it (see `imageKey`).
 *
 * Where several files stand for one id, the first in the order of their paths is taken.
 *
 * @returns image id → path.
 * @throws {FileError} when the folder cannot be read.
 */
export async function findImageFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  let names: string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch (cause) {
    throw new FileError(folder, `cannot be read: ${(cause as Error).message}`, { cause });
  }
  const files = new Map<string, string>();
  for (const name of names.sort()) {
    if (!/\.(jpe?g|png|webp|gif|bmp|tiff?|avif)$/i.test(name)) continue;
    const key = imageKey(name);
    if (!files.has(key)) files.set(key, join(folder, name));
  }
  return files;
}
