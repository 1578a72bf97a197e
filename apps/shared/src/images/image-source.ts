import type { NamedHostTensors } from '@refclip/runtime';
import type { Letterbox } from '@refclip/structures';

/** An image by file; `key` changes when the file does. */
export interface ImageRef {
  readonly image: number | string;
  readonly file: string;
  readonly key: string;
}

/** What a model reads of one image, without a batch axis, and how the image lies in the network's input. */
export interface ModelImage {
  readonly inputs: NamedHostTensors;
  readonly letterbox: Letterbox;
}

/** Some items and their images, in the order asked. B items. */
export interface ImageBatch<T extends ImageRef> {
  readonly items: readonly T[];
  /** `[B, …]` each: what the model reads. The memory is written again when the next batch is asked for. */
  readonly inputs: NamedHostTensors;
  /** The same singly, as views of it. */
  readonly images: readonly ModelImage[];
}

/** Where a model's image inputs come from. */
export interface ImageSource {
  /** `cache` or `images`: whether they are decoded each time. */
  readonly kind: 'cache' | 'images';
  /** Batches in the order of the list, the last one short; the next ones are made while one is in use. */
  batches<T extends ImageRef>(items: readonly T[], batchSize: number): AsyncGenerator<ImageBatch<T>, void, void>;
}
