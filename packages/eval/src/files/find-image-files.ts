import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createImageIndex, imageKey } from '@refclip/records';
import { FileError } from '@refclip/structures';

/** Where images are: a map from image key to file, or anything that looks names up. */
export interface ImageFiles {
  /** Undefined for an image that is not there, or whose name fits several files. */
  get(imageId: string): string | undefined;
  has(imageId: string): boolean;
}

/**
 * The image files of a folder and the folders in it, found by the names that prediction files have for them (see `createImageIndex` of `@refclip/records`).
 *
 * @throws {FileError} when the folder cannot be read.
 */
export async function findImageFiles(folder: string): Promise<ImageFiles> {
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
  const index = createImageIndex(files.keys(), folder);
  const get = (imageId: string) => {
    const [first, second] = index.candidates(imageId);
    return first === undefined || second !== undefined ? undefined : files.get(first);
  };
  return { get, has: (imageId) => get(imageId) !== undefined };
}
