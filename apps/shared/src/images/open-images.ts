import { createProgress } from '@refclip/furniture';
import { loadBatches } from '@refclip/images';
import { type AnyModel, createLocator, FrozenOutputCache, fromImages, type ReferringModel } from '@refclip/referring';
import type { Engine, NamedHostTensors } from '@refclip/runtime';
import type { TrainerConfig } from '../config/config-schema.js';
import { detectorBatch } from '../detector/detector-batch.js';
import { fillCache } from '../detector/fill-cache.js';
import { cachedImages } from './cached-images.js';
import { decodedImages } from './decoded-images.js';
import type { ImageRef, ImageSource } from './image-source.js';

/** What {@link openImages} needs. */
export interface OpenImagesOptions {
  readonly engine: Engine;
  readonly model: AnyModel;
  readonly values: NamedHostTensors;
  /** All images that will be asked for. */
  readonly images: readonly ImageRef[];
}

/** A model's images, ready to be read. */
export interface OpenedImages {
  readonly source: ImageSource;
  /** The model that reads what the source gives: with its frozen part inside when nothing is cached. */
  readonly reader: ReferringModel;
  /** Keys of images that cannot be read (only where the configuration skips them). */
  readonly broken: ReadonlySet<string>;
}

/**
 * Where a model's image inputs come from: the cache of its frozen part, filled first, or the images themselves for a model without one and where the
 * configuration switches the cache off.
 *
 * @throws {FileError} or {DataFormatError} for a broken image, unless broken ones are skipped; {UsageError} when the cache does not fit on the disk.
 */
export async function openImages(
  config: TrainerConfig,
  { engine, model, values, images }: OpenImagesOptions,
): Promise<OpenedImages> {
  const { inputSize } = model;
  const { workers, brokenImages } = config.data;
  const { enabled, directory, precision } = config.detector.cache;
  if (!model.frozenOutputs || !enabled) {
    const broken = brokenImages === 'skip' ? await findBroken(images, inputSize, workers) : new Set<string>();
    return { source: decodedImages({ inputSize, workers }), reader: fromImages(model), broken };
  }
  const cache = await FrozenOutputCache.open({ directory, precision, model, values });
  const batch = detectorBatch(model.options);
  const locator = createLocator({ engine, model, values, imageBatch: batch });
  const compute = (pixels: readonly Uint8Array[]) => locator.imageInputs(pixels);
  const { broken } = await fillCache(cache, images, { compute, inputSize, batch, brokenImages, workers });
  await locator.dispose();
  return { source: cachedImages(cache), reader: model, broken };
}

/** Keys of the images that cannot be decoded, known before training so that its batches do not depend on when one is met. */
async function findBroken(
  images: readonly ImageRef[],
  size: number,
  workers: number | null,
): Promise<ReadonlySet<string>> {
  const broken = new Set<string>();
  const unique = [...new Map(images.map((image) => [image.key, { ...image, record: String(image.image) }])).values()];
  const progress = createProgress('checking', unique.length, 'images');
  const options = {
    size,
    batchSize: 16,
    onBroken: ({ key }: ImageRef, error: Error) => {
      process.stderr.write(`skipped: ${error.message}\n`);
      broken.add(key);
    },
    ...(workers === null ? {} : { workers }),
  };
  for await (const { position } of loadBatches(unique, options)) progress.update(position);
  progress.finish();
  return broken;
}
