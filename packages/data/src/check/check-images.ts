import sharp from 'sharp';
import type { ImageSize } from '../convert/box-convention.js';
import type { SplitRecords } from '../convert/referring-dataset.js';
import { leadsOut } from './check-records.js';
import type { DataProblem } from './data-problem.js';
import type { ImageFolder } from './image-folder.js';

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

/** No image of these data sets comes near; a header that claims more is refused before anything is allocated. */
const mostPixels = 2 ** 26;
const together = 4;

/** Missing and unreadable images of a data set, each reported once with the first record that needs it. */
export async function checkImages(
  splits: SplitRecords,
  folder: ImageFolder,
  { decode, onProgress }: CheckImagesOptions,
): Promise<ImageCheck> {
  const first = new Map<number | string, { split: string; record: number }>();
  for (const [split, records] of splits) {
    for (const [record, { image }] of records.entries()) if (!first.has(image)) first.set(image, { split, record });
  }
  const problems: DataProblem[] = [];
  const sizes = new Map<number | string, ImageSize>();
  let done = 0;
  const waiting = [...first];
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [image, at] = next;
      const problem = await checkImage(image, folder, decode, sizes);
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
  decode: boolean,
  sizes: Map<number | string, ImageSize>,
): Promise<Pick<DataProblem, 'kind' | 'message'> | undefined> {
  if (typeof image === 'string' && leadsOut(image)) return undefined;
  const path = folder.find(image);
  if (path === undefined) return { kind: 'missing-image', message: `image ${image} is not in ${folder.directory}` };
  if (!decode) return undefined;
  try {
    const picture = sharp(path, { failOn: 'truncated', limitInputPixels: mostPixels });
    const { autoOrient } = await picture.metadata();
    await picture.raw().toBuffer();
    sizes.set(image, { width: autoOrient.width, height: autoOrient.height });
    return undefined;
  } catch (error) {
    return {
      kind: 'unreadable-image',
      message: `${path} cannot be decoded: ${(error as Error).message.split('\n')[0]}`,
    };
  }
}
