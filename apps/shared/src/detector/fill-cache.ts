import {
  createProgress,
  freeBytes,
  interruptionSignal,
  removeLeftovers,
  formatBytes as show,
  yieldToSignals,
} from '@refclip/furniture';
import { loadBatches } from '@refclip/images';
import type { FrozenOutputCache } from '@refclip/referring';
import type { NamedHostTensors } from '@refclip/runtime';
import { type Letterbox, RefclipError, UsageError } from '@refclip/structures';
import type { ImageRef } from '../images/image-source.js';

/** How {@link fillCache} goes about it. */
export interface FillCacheOptions {
  /** What the cache keeps of images: RGB `[S, S, 3]` each, letterboxed. */
  readonly compute: (images: readonly Uint8Array[]) => Promise<readonly NamedHostTensors[]>;
  /** Side S of the network's input, pixels. */
  readonly inputSize: number;
  /** Images per run of the detector. */
  readonly batch: number;
  /** `skip`: images that cannot be read are left out and told to `onBroken`. */
  readonly brokenImages: 'fail' | 'skip';
  /** Default: names them on standard error. */
  readonly onBroken?: (image: ImageRef, error: RefclipError) => void;
  /** For a few images at a time: nothing is said, and neither room nor leftovers are looked at. Default false. */
  readonly quiet?: boolean;
  /** Decoding threads; `null`: one per core, at most 4. Default `null`. */
  readonly workers?: number | null;
  /** Whether entries that are there are read and, when damaged, made again. Default false: they are checked when they are used. */
  readonly verify?: boolean;
}

/** What {@link fillCache} did. */
export interface FilledCache {
  /** Keys of the images that could not be read (only when they are skipped). */
  readonly broken: ReadonlySet<string>;
  /** Different images asked for, and how many of them were computed now. */
  readonly images: number;
  readonly computed: number;
  /** Entries that were damaged and made again (only when they are verified). */
  readonly damaged: number;
}

/**
 * Runs the detector on every image that the cache lacks, each once. Interrupted, it goes on where it stopped; two processes may fill one cache.
 *
 * @throws {UsageError} before anything is computed when the disk has too little room.
 */
export async function fillCache(
  cache: FrozenOutputCache,
  images: readonly ImageRef[],
  options: FillCacheOptions,
): Promise<FilledCache> {
  const { compute, inputSize, batch, brokenImages, workers = null, verify = false, quiet = false } = options;
  const { onBroken: tellBroken = nameBroken } = options;
  const broken = new Set<string>();
  const unique = new Map(images.map((image) => [image.key, image]));
  const { missing, damaged } = await missingFrom(cache, [...unique.values()], verify);
  const result = { broken, images: unique.size, computed: missing.length, damaged };
  if (!quiet) await removeLeftovers(cache.path);
  if (!missing.length) return result;
  if (!quiet) await announceSize(cache, missing.length, unique.size);
  const progress = quiet ? undefined : createProgress('detector', missing.length, 'images');
  const wanted = missing.map((image) => ({ ...image, record: String(image.image) }));
  const onBroken =
    brokenImages === 'fail'
      ? brokenImages
      : (image: ImageRef, error: RefclipError) => {
          tellBroken(image, error);
          broken.add(image.key);
        };
  const loader = { size: inputSize, batchSize: batch, onBroken, reuse: true, ...(workers === null ? {} : { workers }) };
  const side = inputSize * inputSize * 3;
  let done = 0;
  for await (const { images: pixels, items, letterboxes } of loadBatches(wanted, loader)) {
    const outputs = await compute(items.map((_, at) => pixels.subarray(at * side, (at + 1) * side)));
    await Promise.all(
      items.map(({ key }, at) => cache.write(key, outputs[at] as NamedHostTensors, letterboxes[at] as Letterbox)),
    );
    done += items.length;
    progress?.update(done);
    if (done < wanted.length) await yieldToSignals(interruptionSignal());
  }
  progress?.finish();
  return result;
}

function nameBroken(_: ImageRef, { message }: RefclipError): void {
  process.stderr.write(`skipped: ${message}\n`);
}

async function missingFrom(cache: FrozenOutputCache, images: readonly ImageRef[], verify: boolean) {
  const missing: ImageRef[] = [];
  let damaged = 0;
  const progress = verify ? createProgress('checking', images.length, 'images') : undefined;
  for (const [index, image] of images.entries()) {
    progress?.update(index);
    if (!(await cache.has(image.key))) missing.push(image);
    else if (verify && !(await isWhole(cache, image.key))) {
      missing.push(image);
      damaged++;
    }
  }
  progress?.finish();
  return { missing, damaged };
}

async function isWhole(cache: FrozenOutputCache, key: string): Promise<boolean> {
  try {
    await cache.read(key);
    return true;
  } catch (error) {
    if (RefclipError.isInstance(error) && error.code === 'data-format') return false;
    throw error;
  }
}

async function announceSize(cache: FrozenOutputCache, missing: number, all: number): Promise<void> {
  const needed = missing * cache.entryBytes;
  const free = await freeBytes(cache.path);
  process.stderr.write(
    `detector outputs: ${missing} of ${all} images to compute, ${show(needed)} in ${cache.path}, ${show(free)} free\n`,
  );
  if (needed > free) {
    throw new UsageError(
      `the detector cache needs ${show(needed)} in ${cache.path}; ${show(free)} are free. Choose another disk with detector.cache.directory, ` +
        'keep halves with detector.cache.precision=float16, or do without: detector.cache.enabled=false.',
    );
  }
}

/** Items without those of these keys. */
export function withoutImages<T extends { readonly key: string }>(
  items: readonly T[],
  keys: ReadonlySet<string>,
): readonly T[] {
  return keys.size ? items.filter(({ key }) => !keys.has(key)) : items;
}
