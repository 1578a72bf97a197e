import { RefclipError } from '@refclip/structures';
import type { ImageSize } from '../convert/box-convention.js';
import type { SplitRecords } from '../convert/referring-dataset.js';
import { importImages } from '../peers/import-images.js';
import type { DataProblem } from './data-problem.js';
import type { ImageFolder } from './image-folder.js';
import { leadsOut } from './leads-out.js';

export interface CheckImagesOptions {
  /** Whether every image is decoded to its last pixel, or only looked for. */
  readonly decode: boolean;
  /** Called after each image with how many are done and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ImageCheck {
  /** In the order in which the records name the images. */
  readonly problems: readonly DataProblem[];
  /** Sizes of the images that were decoded, as they are shown (EXIF orientation applied). */
  readonly sizes: ReadonlyMap<number | string, ImageSize>;
}

const together = 4;

/**
 * Missing and unreadable images of a data set, each reported once with the first record that needs it.
 *
 * @throws {UsageError} when images are to be decoded and `@refclip/images` is not installed.
 */
export async function checkImages(
  splits: SplitRecords,
  folder: ImageFolder,
  { decode, onProgress }: CheckImagesOptions,
): Promise<ImageCheck> {
  const first = new Map<number | string, { split: string; record: number }>();
  for (const [split, records] of splits) {
    for (const [record, { image }] of records.entries()) if (!first.has(image)) first.set(image, { split, record });
  }
  const decodeImage = decode ? (await importImages('Decoding images')).decodeImage : undefined;
  const problems: DataProblem[] = [];
  const sizes = new Map<number | string, ImageSize>();
  let done = 0;
  const waiting = [...first];
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [image, at] = next;
      const problem = await checkImage(image, folder, decodeImage, sizes);
      if (problem) problems.push({ ...problem, ...at, image, severity: 'error' });
      onProgress?.(++done, first.size);
    }
  };
  waiting.reverse();
  await Promise.all(Array.from({ length: decode ? together : 1 }, work));
  const order = new Map([...first.keys()].map((image, index) => [image, index]));
  problems.sort((a, b) => (order.get(a.image ?? '') ?? 0) - (order.get(b.image ?? '') ?? 0));
  return { problems, sizes };
}

async function checkImage(
  image: number | string,
  folder: ImageFolder,
  decodeImage: ((file: string) => Promise<ImageSize>) | undefined,
  sizes: Map<number | string, ImageSize>,
): Promise<Pick<DataProblem, 'kind' | 'message'> | undefined> {
  if (typeof image === 'string' && leadsOut(image)) return undefined;
  const path = folder.find(image);
  if (path === undefined)
    return {
      kind: 'missing-image',
      message: `image ${image} ${folder.whyNot(image)}`,
    };
  if (!decodeImage) return undefined;
  try {
    // As the loader decodes, so that what passes here loads.
    const { width, height } = await decodeImage(path);
    sizes.set(image, { width, height });
    return undefined;
  } catch (error) {
    if (!RefclipError.isInstance(error)) throw error;
    return { kind: 'unreadable-image', message: error.message };
  }
}
