import { availableParallelism } from 'node:os';
import { FileError, type Letterbox, RefclipError, UsageError } from '@refclip/structures';
import type { LetterboxedImage } from '../letterbox/letterbox-pixels.js';
import { DecodePool } from './decode-pool.js';
import { epochOrder, type OrderOptions } from './epoch-order.js';

/** One image to load. Whatever else an item carries comes back with its batch. */
export interface LoaderItem {
  /** As the annotations name it. */
  readonly image: number | string;
  /** `undefined`: it was not found, which is a broken image. */
  readonly file: string | undefined;
  /** The record that needs the image, for messages, e.g. `val 17`. */
  readonly record: string;
}

/** Images of one step. */
export interface ImageBatch<T extends LoaderItem> {
  /** RGB `[B, size, size, 3]`, 0…255, letterboxed; normalization is the model's. */
  readonly images: Uint8Array;
  /** `[B]` */
  readonly items: readonly T[];
  /** `[B]`, where each image lies in its square. */
  readonly letterboxes: readonly Letterbox[];
  /** Where the epoch goes on after this batch: `position` of {@link LoaderOptions}. */
  readonly position: number;
  /** Items left out so far, since `position` of the options. */
  readonly skipped: number;
}

/** How a list of images is read. */
export interface LoaderOptions<T extends LoaderItem = LoaderItem> extends OrderOptions {
  /** Side of the square images, pixels. */
  readonly size: number;
  /** Items of this epoch and shard that were taken before: where an interrupted run goes on. Default 0. */
  readonly position?: number;
  /** What a missing or undecodable image does: it ends the reading, or it is left out and this function is told. Default `fail`. */
  readonly onBroken?: 'fail' | ((item: T, error: RefclipError) => void);
  /** Decoding threads; 0 decodes on the calling thread. Default: one per core, at most 4. */
  readonly workers?: number;
  /** Batches that are decoded ahead of the one in use. Default 2. */
  readonly prefetch?: number;
  /**
   * Whether all batches have their `images` in the same memory: then a batch may be read only until the next one is asked for, and nothing is left to collect as
   * garbage, which otherwise takes a tenth of the time. Default false.
   */
  readonly reuse?: boolean;
}

type Outcome<T extends LoaderItem> = { readonly item: T } & (
  | { readonly loaded: LetterboxedImage }
  | { readonly error: unknown }
);

/**
 * One epoch of letterboxed images in batches, decoded in threads ahead of their use.
 *
 * The order is a pure function of the options: neither the number of threads nor their speed changes it. At most `prefetch` batches wait, however slow
 * the reader is. Left-out images are replaced by the next ones, so batches stay full until the last. The threads start with the first batch and
 * end with the loop, also when it is left early or throws.
 *
 * @throws {UsageError} for options that cannot be, at once; {FileError} or {DataFormatError} naming file and record for a broken image, while reading.
 * @example
 * for await (const { images, items } of loadBatches(records, { size: 416, batchSize: 64, shuffle: { seed: 1, epoch: 0 } })) …
 */
export function loadBatches<T extends LoaderItem>(
  items: readonly T[],
  options: LoaderOptions<T>,
): AsyncGenerator<ImageBatch<T>, void, void> {
  const { size, position = 0, workers = Math.min(4, availableParallelism()), prefetch = 2 } = options;
  const order = epochOrder(items.length, options);
  const whole = { size, position, workers, prefetch };
  for (const [name, value] of Object.entries(whole)) {
    const least = name === 'size' ? 1 : 0;
    if (!Number.isInteger(value) || value < least)
      throw new UsageError(`loadBatches: ${name} is ${value}; expected a whole number, at least ${least}.`);
  }
  if (position > order.length)
    throw new UsageError(
      `loadBatches: position is ${position}; expected at most ${order.length}, the items of this epoch.`,
    );
  return readBatches(items, order, options, whole);
}

async function* readBatches<T extends LoaderItem>(
  items: readonly T[],
  order: Uint32Array,
  { batchSize, dropLast = false, onBroken = 'fail', reuse = false }: LoaderOptions<T>,
  { size, position, workers, prefetch }: Record<'size' | 'position' | 'workers' | 'prefetch', number>,
): AsyncGenerator<ImageBatch<T>, void, void> {
  const ahead: Promise<Outcome<T>>[] = [];
  const length = size * size * 3;
  const kept = reuse ? new Uint8Array(Math.min(batchSize, order.length - position) * length) : undefined;
  const memoryFor = (count: number) => kept?.subarray(0, count * length) ?? new Uint8Array(count * length);
  const pool = new DecodePool(Math.min(workers, order.length - position));
  let [asked, taken] = [position, position];
  const start = async (item: T): Promise<Outcome<T>> => {
    try {
      if (item.file === undefined)
        throw new FileError(String(item.image), `the image is not in the image folder, record ${item.record}.`);
      return { item, loaded: await pool.load(item.file, size, item.record) };
    } catch (error) {
      return { item, error };
    }
  };
  try {
    let batch: { item: T; loaded: LetterboxedImage }[] = [];
    let skipped = 0;
    for (;;) {
      // The batch being filled, and those after it.
      while (asked < order.length && ahead.length + batch.length < (prefetch + 1) * batchSize)
        ahead.push(start(items[order[asked++] as number] as T));
      const outcome = await ahead.shift();
      if (!outcome) break;
      taken++;
      if ('loaded' in outcome) batch.push(outcome);
      else if (onBroken !== 'fail' && RefclipError.isInstance(outcome.error)) {
        skipped++;
        onBroken(outcome.item, outcome.error);
      } else throw outcome.error;
      if (batch.length === batchSize) {
        yield collate(batch, memoryFor(batch.length), taken, skipped, pool);
        batch = [];
      }
    }
    // With `dropLast` this happens only after items were left out.
    if (batch.length && !dropLast) yield collate(batch, memoryFor(batch.length), taken, skipped, pool);
  } finally {
    await pool.close();
  }
}

function collate<T extends LoaderItem>(
  batch: readonly { readonly item: T; readonly loaded: LetterboxedImage }[],
  images: Uint8Array,
  position: number,
  skipped: number,
  pool: DecodePool,
): ImageBatch<T> {
  for (const [index, { loaded }] of batch.entries()) {
    images.set(loaded.pixels, index * loaded.pixels.length);
    pool.giveBack(loaded);
  }
  return {
    images,
    items: batch.map(({ item }) => item),
    letterboxes: batch.map(({ loaded }) => loaded.letterbox),
    position,
    skipped,
  };
}
