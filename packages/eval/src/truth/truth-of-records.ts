import { imageKey, predictionId } from '@refclip/records';
import { DataFormatError, type XywhBox, xywhToXyxy } from '@refclip/structures';
import type { TruthOptions } from './parse-simrec-truth.js';
import type { TruthExpression, TruthSet } from './truth-set.js';

/** What of an annotated record is looked at: a `ReferringRecord` of `@refclip/data`. */
interface AnnotatedRecord {
  readonly image: number | string;
  /** Image pixels. */
  readonly box?: XywhBox | undefined;
  readonly expressions: readonly string[];
  readonly category?: number | undefined;
  readonly maskId?: number | string | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

/**
 * Annotations that another package read, as the truth. Ids are those that the SimREC form gives: places in the split, counted from 0.
 *
 * @throws {DataFormatError} when the wanted split is not there, naming those that are.
 */
export function truthOfRecords(
  splits: ReadonlyMap<string, readonly AnnotatedRecord[]>,
  { file = 'annotations', split: wanted }: TruthOptions = {},
): TruthSet {
  if (wanted !== undefined && !splits.has(wanted)) {
    const problem = `has no split "${wanted}"; expected one of ${[...splits.keys()].join(', ')}.`;
    throw new DataFormatError({ file }, problem);
  }
  const expressions: TruthExpression[] = [];
  for (const [split, records] of splits) {
    if (wanted !== undefined && split !== wanted) continue;
    let index = 0;
    for (const [record, { image, box, expressions: texts, category, maskId, size }] of records.entries()) {
      for (const [expression, text] of texts.entries()) {
        expressions.push({
          id: String(index++),
          predictionId: predictionId({ split, record, expression }),
          refId: maskId === undefined ? undefined : String(maskId),
          imageId: imageKey(image),
          split,
          expression: text,
          category: category === undefined ? undefined : String(category),
          boxes: box ? [xywhToXyxy(box)] : [],
          ...(box ? {} : { unannotated: true }),
          width: size?.width,
          height: size?.height,
        });
      }
    }
  }
  return { expressions, file };
}
