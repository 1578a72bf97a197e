import { join } from 'node:path';
import { encodePickle, writePieces } from '@refclip/formats';
import { DataFormatError, type XywhBox } from '@refclip/structures';
import { assignImageIds } from '../convert/assign-image-ids.js';
import type { ImageSize } from '../convert/box-convention.js';
import { cocoCategories } from '../convert/coco-categories.js';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { splitWords } from '../stats/split-words.js';

/** An object without a ref. Image pixels. */
export interface OtherObject {
  readonly box: XywhBox;
  /** Contiguous from 0. */
  readonly category: number;
}

export interface WriteReferOptions {
  /** The name in `refs(<split by>).p`. */
  readonly splitBy: string;
  /** File name of an image. */
  readonly imageName: (image: number | string) => string;
  /** How many categories there are; 80 are taken for COCO's and get its ids and names. */
  readonly categories: number;
  /** Objects of an image that no ref means. */
  readonly others?: (image: number | string) => readonly OtherObject[];
}

/**
 * Writes records as a REFER pair, `instances.json` and `refs(<split by>).p` (protocol 2), as MAttNet's preparation reads it.
 *
 * Every box is an annotation of its own with a fresh id, its outline the box; every record is a ref with one sentence for each expression. Neighbouring records of a
 * mask's id that share their box are one ref. A ref's id is its mask's where that is a number and free. Categories become ids: COCO's, or the number plus
 * one; a record without gets the category `unknown`.
 *
 * @param splits  each record with a box and the size of its image.
 * @returns the two files, `refs` first.
 * @throws {DataFormatError} for a record without box or size.
 */
export async function writeRefer(
  directory: string,
  splits: SplitRecords,
  options: WriteReferOptions,
): Promise<readonly [refs: string, instances: string]> {
  const { splitBy, imageName, categories: count, others = () => [] } = options;
  const refsFile = join(directory, `refs(${splitBy}).p`);
  const instancesFile = join(directory, 'instances.json');
  const named = namedCategories(count);
  const unknown = { id: Math.max(...named.map(({ id }) => id)) + 1, name: 'unknown' };
  const categoryId = (category: number | undefined) => named[category ?? -1]?.id ?? unknown.id;
  const imageIds = assignImageIds(splits);
  const sizes = new Map<number | string, ImageSize>();
  const annotations: string[] = [];
  const annotate = (image: number | string, [x, y, w, h]: XywhBox, category: number | undefined): number => {
    const id = annotations.length + 1;
    const outline = [x, y, x + w, y, x + w, y + h, x, y + h];
    annotations.push(
      JSON.stringify({
        id,
        image_id: imageIds.get(image),
        category_id: categoryId(category),
        bbox: [x, y, w, h],
        area: w * h,
        iscrowd: 0,
        segmentation: [outline],
      }),
    );
    return id;
  };
  const freshId = idsAbove(splits);
  const taken = new Set<number>();
  const refs: Record<string, unknown>[] = [];
  let sentence = 0;
  for (const [split, records] of splits) {
    for (const group of groupRefs(records)) {
      const [{ image, box, category, maskId, size }] = group;
      if (!box || !size)
        throw new DataFormatError({ file: refsFile, record: `${split}, image ${image}` }, 'needs a box and a size.');
      sizes.set(image, size);
      const id = typeof maskId === 'number' && !taken.has(maskId) ? maskId : freshId();
      taken.add(id);
      const sentences = group
        .flatMap(({ expressions }) => expressions)
        .map((raw) => {
          const tokens = splitWords(raw);
          return { sent_id: sentence++, sent: tokens.join(' '), raw, tokens };
        });
      refs.push({
        ref_id: id,
        ann_id: annotate(image, box, category),
        image_id: imageIds.get(image),
        category_id: categoryId(category),
        file_name: imageName(image),
        split,
        sent_ids: sentences.map(({ sent_id }) => sent_id),
        sentences,
      });
    }
  }
  for (const image of sizes.keys()) for (const { box, category } of others(image)) annotate(image, box, category);
  const images = [...sizes].map(([image, { width, height }]) =>
    JSON.stringify({ id: imageIds.get(image), file_name: imageName(image), width, height }),
  );
  await writePieces(refsFile, [encodePickle(refs)]);
  await writePieces(instancesFile, instancesPieces(images, annotations, [...named, unknown]));
  return [refsFile, instancesFile];
}

function* instancesPieces(
  images: readonly string[],
  annotations: readonly string[],
  categories: readonly { id: number; name: string }[],
): Generator<string> {
  yield '{"info": {}, "licenses": [],\n"images": [';
  for (const [at, image] of images.entries()) yield `${at ? ',' : ''}\n${image}`;
  yield '],\n"annotations": [';
  for (const [at, annotation] of annotations.entries()) yield `${at ? ',' : ''}\n${annotation}`;
  const listed = categories.map(({ id, name }) => JSON.stringify({ id, name, supercategory: name }));
  yield `],\n"categories": [${listed.join(',\n')}]}\n`;
}

function namedCategories(count: number): readonly { readonly id: number; readonly name: string }[] {
  if (count === cocoCategories.size) return [...cocoCategories].map(([id, name]) => ({ id, name }));
  return Array.from({ length: count }, (_, index) => ({ id: index + 1, name: `category ${index}` }));
}

/** Whole numbers above every mask's id. */
function idsAbove(splits: SplitRecords): () => number {
  let next = 0;
  for (const records of splits.values())
    for (const { maskId } of records) if (typeof maskId === 'number') next = Math.max(next, maskId);
  return () => ++next;
}

/** Neighbours with an image, a mask's id and a box in common: the expressions of one ref, a record each. */
function* groupRefs(records: readonly ReferringRecord[]): Generator<[ReferringRecord, ...ReferringRecord[]]> {
  let group: [ReferringRecord, ...ReferringRecord[]] | undefined;
  for (const record of records) {
    const [first] = group ?? [];
    const same =
      first?.maskId !== undefined &&
      first.image === record.image &&
      first.maskId === record.maskId &&
      first.box?.join() === record.box?.join();
    if (group && same) {
      group.push(record);
      continue;
    }
    if (group) yield group;
    group = [record];
  }
  if (group) yield group;
}
