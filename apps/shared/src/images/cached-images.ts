import type { DetectorCache } from '@refclip/core';
import type { ImageRef, ImageSource } from './image-source.js';

/** Outputs of the frozen detector out of its cache; no image is decoded. Every image must be in the cache. */
export function cachedImages(cache: DetectorCache): ImageSource {
  const read = async <T extends ImageRef>(items: readonly T[]) => {
    const images = await Promise.all(
      items.map(async ({ key }) => {
        const { outputs, letterbox } = await cache.read(key);
        return { inputs: outputs, letterbox };
      }),
    );
    return { items, images };
  };
  return {
    kind: 'cache',
    async *batches(items, batchSize) {
      let next = read(items.slice(0, batchSize));
      for (let start = 0; start < items.length; start += batchSize) {
        const batch = await next;
        if (start + batchSize < items.length) {
          next = read(items.slice(start + batchSize, start + 2 * batchSize));
          // Its failure is reported when it is awaited.
          next.catch(() => {});
        }
        yield batch;
      }
    },
  };
}
