import { DataFormatError } from '@refclip/structures';
import { type BoxConvention, type ImageSize, needsImageSize, rawBoxToXywh } from './box-convention.js';
import { detectBoxConvention } from './detect-box-convention.js';
import { isNumberedFile } from './name-image.js';
import type { PendingRecord } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import { addRecord, type ReferringDataset, type ReferringRecord } from './referring-dataset.js';

export interface SettleBoxesOptions {
  readonly file: string;
  /** What the caller declared: it wins over what the form says. */
  readonly declared?: BoxConvention | undefined;
  /** What the form says; absent: the numbers of the file decide. */
  readonly ofForm?: BoxConvention | undefined;
  /** Sizes of images, asked for only where a record has none and its box cannot be understood without. */
  readonly imageSize?: ((image: number | string) => Promise<ImageSize | undefined>) | undefined;
}

/**
 * Decides how the boxes of a file are written — declared, by its form, or detected — and turns them into `[x, y, w, h]` in pixels.
 *
 * @throws {DataFormatError} when the numbers allow two readings, or when sizes of images are needed and unknown.
 */
export async function settleBoxes(
  pending: readonly PendingRecord[],
  { file, declared, ofForm, imageSize }: SettleBoxesOptions,
): Promise<ReferringDataset> {
  const notes: string[] = [];
  const undecided = pending.filter((record) => record.rawBox && !record.boxConvention);
  const sizes = new Map<number | string, ImageSize | undefined>();
  const sizeOf = async (record: PendingRecord): Promise<ImageSize | undefined> => {
    if (record.size) return record.size;
    if (!imageSize) return undefined;
    if (!sizes.has(record.image)) sizes.set(record.image, await imageSize(record.image));
    return sizes.get(record.image);
  };

  let convention = declared ?? ofForm;
  if (undecided.length > 0) {
    if (convention) {
      notes.push(`Boxes are read as ${convention}, as ${declared ? 'declared' : 'the form has them'}.`);
    } else {
      const observed = [];
      for (const record of undecided) observed.push({ box: record.rawBox!, size: await sizeOf(record) });
      const detected = detectBoxConvention(observed);
      if (!detected.convention) {
        throw new DataFormatError(
          { file, field: 'box' },
          `cannot tell how boxes are written: ${detected.reason}. Say it with \`refclip-data convert --boxes\` and use what that writes.`,
        );
      }
      convention = detected.convention;
      notes.push(`Boxes are read as ${convention}, as detected: ${detected.reason}.`);
    }
  }

  const problems = new ProblemList(file);
  const shared = idsOfSeveralFiles(pending);
  const splits = new Map<string, ReferringRecord[]>();
  const imageNames = new Map<number, string>();
  for (const record of pending) {
    const { at, split, rawBox, boxConvention, imageName, ...said } = record;
    // `25.jpg` beside COCO's image 25 is another image.
    const rest = isNumberedFile(imageName) && shared.has(said.image) ? { ...said, image: imageName } : said;
    if (imageName !== undefined && typeof rest.image === 'number') imageNames.set(rest.image, imageName);
    const own = boxConvention ?? convention;
    if (!rawBox || !own) {
      addRecord(splits, split, rest);
      continue;
    }
    const size = needsImageSize(own) ? await sizeOf(record) : (record.size ?? sizes.get(record.image));
    if (needsImageSize(own) && !size) {
      problems.add(
        at,
        'box',
        `is written as ${own}, and the size of image ${record.image} is unknown. Give the image folder`,
      );
      continue;
    }
    addRecord(splits, split, { ...rest, box: rawBoxToXywh(rawBox, own, size), size });
  }
  problems.throwIfAny();
  return { splits, imageNames, notes };
}

/** Ids that one file gives to `25.jpg` and to an image of another name as well. */
function idsOfSeveralFiles(pending: readonly PendingRecord[]): ReadonlySet<number | string> {
  const numbered = new Set<number | string>();
  const others = new Set<number | string>();
  for (const { image, imageName } of pending) (isNumberedFile(imageName) ? numbered : others).add(image);
  return new Set([...numbered].filter((image) => others.has(image)));
}
