import type { DetectorCache, Grounder } from '@refclip/core';
import { type LetterboxedImage, loadLetterboxed } from '@refclip/data';
import { RefclipError } from '@refclip/structures';
import { createProgress } from '../terminal/progress.js';

/** An image by file; `key` is what the cache knows it by. */
export interface ImageRef {
  readonly image: number | string;
  readonly file: string;
  readonly key: string;
}

/** How {@link fillCache} goes about it. */
export interface FillCacheOptions {
  /** Side of the network's input, pixels. */
  readonly inputSize: number;
  /** Images per run of the detector. */
  readonly batch: number;
  /** `skip`: images that cannot be read are named on standard error and left out. */
  readonly brokenImages: 'fail' | 'skip';
}

/**
 * Runs the detector on every image that the cache lacks, each once.
 *
 * @returns keys of the images that could not be read (only when they are skipped).
 */
export async function fillCache(
  cache: DetectorCache,
  grounder: Grounder,
  images: readonly ImageRef[],
  { inputSize, batch, brokenImages }: FillCacheOptions,
): Promise<ReadonlySet<string>> {
  const broken = new Set<string>();
  const unique = new Map(images.map((image) => [image.key, image]));
  const missing: ImageRef[] = [];
  for (const image of unique.values()) if (!(await cache.has(image.key))) missing.push(image);
  if (!missing.length) return broken;
  const megabytes = (missing.length * cache.entryBytes) / 2 ** 20;
  process.stderr.write(
    `detector outputs: ${missing.length} of ${unique.size} images to compute, ${megabytes.toFixed(0)} MB in ${cache.path}\n`,
  );
  const progress = createProgress('detector', missing.length, 'images');
  const load = async ({ file, image, key }: ImageRef) => {
    try {
      return { key, loaded: await loadLetterboxed(file, inputSize, image) };
    } catch (error) {
      if (brokenImages === 'fail' || !RefclipError.isInstance(error)) throw error;
      process.stderr.write(`skipped: ${error.message}\n`);
      broken.add(key);
      return undefined;
    }
  };
  const loadBatch = async (from: number) => {
    const results = await Promise.all(missing.slice(from, from + batch).map(load));
    return results.filter((result): result is { key: string; loaded: LetterboxedImage } => result !== undefined);
  };
  let next = loadBatch(0);
  for (let from = 0; from < missing.length; from += batch) {
    const loaded = await next;
    if (from + batch < missing.length) {
      next = loadBatch(from + batch);
      // Its failure is reported when it is awaited.
      next.catch(() => {});
    }
    const outputs = await grounder.detect(loaded.map((item) => item.loaded.pixels));
    await Promise.all(
      loaded.map((item, at) => cache.write(item.key, outputs[at] as (typeof outputs)[number], item.loaded.letterbox)),
    );
    progress.update(Math.min(from + batch, missing.length));
  }
  progress.finish();
  return broken;
}

/** A data set without the images of these keys. */
export function withoutImages<T extends { readonly key: string }>(
  items: readonly T[],
  keys: ReadonlySet<string>,
): readonly T[] {
  return keys.size ? items.filter(({ key }) => !keys.has(key)) : items;
}
