import type { FrozenOutputCache } from '@refclip/referring';
import type { NamedHostTensors } from '@refclip/runtime';
import type { ImageRef, ImageSource } from './image-source.js';
import { toImageBatch } from './to-image-batch.js';

/** Outputs of the frozen detector out of its cache; no image is decoded. Every image must be in the cache. */
export function cachedImages(cache: FrozenOutputCache): ImageSource {
  return {
    kind: 'cache',
    async *batches(items, batchSize) {
      // One batch is in use while the next is read; new memory for each would cost as much as decoding.
      const memories: NamedHostTensors[] = [];
      let turn = 0;
      const read = async <T extends ImageRef>(own: readonly T[]) => {
        turn = 1 - turn;
        const whole = own.length === batchSize;
        if (whole) memories[turn] ??= cache.batchMemory(batchSize);
        const keys = own.map(({ key }) => key);
        const { inputs, letterboxes } = await cache.readBatch(keys, whole ? memories[turn] : undefined);
        return toImageBatch(own, inputs, letterboxes);
      };
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
