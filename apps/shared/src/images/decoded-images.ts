import { loadBatches } from '@refclip/images';
import { hostTensor } from '@refclip/runtime';
import type { ImageSource } from './image-source.js';
import { toImageBatch } from './to-image-batch.js';

/** What {@link decodedImages} needs. */
export interface DecodedImagesOptions {
  /** Side of the network's input, pixels. */
  readonly inputSize: number;
  /** Decoding threads; `null`: one per core, at most 4. */
  readonly workers: number | null;
}

/** Images decoded and letterboxed in threads, each time they are asked for. An image that cannot be read ends the reading with an error. */
export function decodedImages({ inputSize, workers }: DecodedImagesOptions): ImageSource {
  return {
    kind: 'images',
    async *batches(items, batchSize) {
      const wanted = items.map((item) => ({ image: item.image, file: item.file, record: String(item.image), item }));
      const options = { size: inputSize, batchSize, ...(workers === null ? {} : { workers }) };
      for await (const { images: pixels, items: loaded, letterboxes } of loadBatches(wanted, options)) {
        const images = hostTensor(pixels, [loaded.length, inputSize, inputSize, 3], 'uint8');
        const own = loaded.map(({ item }) => item);
        yield toImageBatch(own, { images }, letterboxes);
      }
    },
  };
}
