import type { DetectorCache, Grounder } from '@refclip/core';
import { loadLetterboxed } from '@refclip/data';
import { createProgress } from '../terminal/progress.js';

/** An image by id and file. */
export interface ImageRef {
  readonly image: number | string;
  readonly file: string;
}

/** Runs the detector on every image that the cache lacks, each once. @returns how many were made. */
export async function fillCache(
  cache: DetectorCache,
  grounder: Grounder,
  images: readonly ImageRef[],
  inputSize: number,
  batch: number,
): Promise<number> {
  const unique = new Map(images.map((image) => [String(image.image), image]));
  const missing: ImageRef[] = [];
  for (const image of unique.values()) if (!(await cache.has(image.image))) missing.push(image);
  if (!missing.length) return 0;
  const megabytes = (missing.length * cache.entryBytes) / 2 ** 20;
  process.stderr.write(
    `detector outputs: ${missing.length} of ${unique.size} images to compute, ${megabytes.toFixed(0)} MB in ${cache.path}\n`,
  );
  const progress = createProgress('detector', missing.length, 'images');
  const load = (from: number) =>
    Promise.all(missing.slice(from, from + batch).map(({ file, image }) => loadLetterboxed(file, inputSize, image)));
  let next = load(0);
  for (let from = 0; from < missing.length; from += batch) {
    const loaded = await next;
    if (from + batch < missing.length) next = load(from + batch);
    const outputs = await grounder.detect(loaded.map(({ pixels }) => pixels));
    await Promise.all(
      outputs.map((output, at) =>
        cache.write((missing[from + at] as ImageRef).image, output, (loaded[at] as (typeof loaded)[number]).letterbox),
      ),
    );
    progress.update(Math.min(from + batch, missing.length));
  }
  progress.finish();
  return missing.length;
}
