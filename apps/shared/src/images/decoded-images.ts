import { loadBatches } from '@refclip/data';
import { hostTensor } from '@refclip/runtime';
import type { Letterbox } from '@refclip/structures';
import type { ImageSource } from './image-source.js';

/** What {@link decodedImages} needs. */
export interface DecodedImagesOptions {
  /** Side of the network's input, pixels. */
  readonly inputSize: number;
  /** Decoding threads; `null`: one per core, at most 4. */
  readonly workers: number | null;
}

/** Images decoded and letterboxed in threads, each time they are asked for. An image that cannot be read ends the reading with an error. */
export function decodedImages({ inputSize, workers }: DecodedImagesOptions): ImageSource {
  const size = inputSize * inputSize * 3;
  return {
    kind: 'images',
    async *batches(items, batchSize) {
      const wanted = items.map((item) => ({ image: item.image, file: item.file, record: String(item.image), item }));
      const options = { size: inputSize, batchSize, ...(workers === null ? {} : { workers }) };
      for await (const { images: pixels, items: loaded, letterboxes } of loadBatches(wanted, options)) {
        const images = loaded.map((_, at) => ({
          inputs: {
            images: hostTensor(pixels.subarray(at * size, (at + 1) * size), [inputSize, inputSize, 3], 'uint8'),
          },
          letterbox: letterboxes[at] as Letterbox,
        }));
        yield { items: loaded.map(({ item }) => item), images };
      }
    },
  };
}
