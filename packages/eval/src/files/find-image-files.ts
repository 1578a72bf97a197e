import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createImageIndex, type ImageIndex, imageKey } from '@refclip/records';
import { DataFormatError, FileError } from '@refclip/structures';

/** Where images are: a map from image key to file, or anything that looks names up. */
export interface ImageFiles {
  /** Undefined for an image that is not there, or whose name fits several files. */
  get(imageId: string): string | undefined;
  has(imageId: string): boolean;
  /** Images whose name fits several files, or that contend with another for one file: the trouble of each, in words. A report shows none of them. */
  unclear?(imageIds: Iterable<string>): ReadonlyMap<string, string>;
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
  return { get, has: (imageId) => get(imageId) !== undefined, unclear: (imageIds) => findUnclear(index, imageIds) };
}

function findUnclear(index: ImageIndex, imageIds: Iterable<string>): ReadonlyMap<string, string> {
  const unclear = new Map<string, string>();
  const rivals = new Map<string, string[]>();
  for (const id of new Set(imageIds)) {
    const candidates = index.candidates(id);
    const [first, second] = candidates;
    if (first === undefined) continue;
    if (second !== undefined) {
      const more = candidates.length > 5 ? ', …' : '';
      unclear.set(id, `${id} fits ${candidates.slice(0, 5).join(', ')}${more}`);
    } else rivals.set(first, [...(rivals.get(first) ?? []), id]);
  }
  for (const [file, ids] of rivals) {
    if (ids.length > 1 && !areOneImage(file, ids)) {
      for (const id of ids) unclear.set(id, `${id} fits ${file}, as ${ids.find((other) => other !== id)} does`);
    }
  }
  return unclear;
}

/** Whether names that each fit a file can all be its own. */
function areOneImage(file: string, names: readonly string[]): boolean {
  const index = createImageIndex([file]);
  try {
    for (const name of names) index.resolve(name);
    return true;
  } catch (error) {
    if (error instanceof DataFormatError) return false;
    throw error;
  }
}
