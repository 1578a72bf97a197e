import type { XywhBox } from '@refclip/structures';
import type { ImageFolder } from '../check/image-folder.js';
import type { SplitRecords } from './referring-dataset.js';

/** One expression to ask an image for. */
export interface ImageQuery {
  readonly split: string;
  /** Index of the record in its split and of the expression in its record, from 0. */
  readonly record: number;
  readonly expression: number;
  readonly text: string;
  /** Image pixels, far edge exclusive; absent where nobody drew one. */
  readonly box: XywhBox | undefined;
}

/** An image with everything that is asked about it, so that it is decoded and encoded once. */
export interface ImageQueries {
  /** As the annotations name it. */
  readonly image: number | string;
  /** `undefined`: it is not in the folder. */
  readonly file: string | undefined;
  /** The first record that needs the image, for messages, e.g. `val 17`. */
  readonly record: string;
  readonly queries: readonly ImageQuery[];
}

/**
 * All expressions of some splits, grouped by their image; images and queries stand in the order of the file.
 *
 * @param names  splits to take; a split that the records lack adds nothing.
 */
export function groupByImage(
  splits: SplitRecords,
  names: readonly string[],
  folder: ImageFolder,
): readonly ImageQueries[] {
  const groups = new Map<number | string, ImageQueries & { readonly queries: ImageQuery[] }>();
  for (const split of names) {
    for (const [record, { image, expressions, box }] of (splits.get(split) ?? []).entries()) {
      let group = groups.get(image);
      if (!group) {
        group = { image, file: folder.find(image), record: `${split} ${record}`, queries: [] };
        groups.set(image, group);
      }
      for (const [expression, text] of expressions.entries())
        group.queries.push({ split, record, expression, text, box });
    }
  }
  return [...groups.values()];
}
