import { imageKey, predictionId } from '@refclip/records';
import { DataFormatError } from '@refclip/structures';
import {
  readArray,
  readBox,
  readBoxes,
  readId,
  readObject,
  readOptionalId,
  readText,
} from '../predictions/read-field.js';
import type { Instances } from './parse-instances.js';
import type { TruthExpression, TruthSet } from './truth-set.js';

/** What of an annotation file is read. */
export interface TruthOptions {
  readonly file?: string | undefined;
  /** Split to read; default all. */
  readonly split?: string | undefined;
  /** COCO instances, for image sizes and the number of same-category objects. */
  readonly instances?: Instances | undefined;
}

/**
 * Annotations in the SimREC form: split → `[{iid, bbox, cat_id, refs, mask_id}]`, `bbox` xywh in image pixels.
 *
 * An expression's id is its place in its split, counted from 0 over all `refs` of all records in order. `sent_ids` and
 * `ref_id`, which some files have, and `mask_id`, which is the ref's id, are kept for joining. `bboxes` instead of `bbox` gives none or many targets.
 *
 * A record without a box keeps its place and is not scored.
 *
 * @param json  the parsed file.
 * @throws {DataFormatError} with record and field; also when the split is not there, naming those that are.
 */
export function parseSimrecTruth(json: unknown, options: TruthOptions = {}): TruthSet {
  const { file = 'annotations', split: wanted, instances } = options;
  const top = readObject(json, { file, record: '(top)' }, '(file)');
  const splits = Object.keys(top);
  if (wanted !== undefined && !splits.includes(wanted)) {
    throw new DataFormatError({ file }, `has no split "${wanted}"; expected one of ${splits.join(', ')}.`);
  }
  const expressions: TruthExpression[] = [];
  for (const split of wanted === undefined ? splits : [wanted]) {
    let index = 0;
    for (const [i, value] of readArray(top[split], { file, record: '(top)' }, split).entries()) {
      const place = { file, record: `${split}[${i}]` };
      const record = readObject(value, place, '(record)');
      const imageId = imageKey(readId(record.iid ?? record.url, place, 'iid'));
      const refs = readArray(record.refs, place, 'refs').map((ref) => readText(ref, place, 'refs'));
      const sentences = record.sent_ids === undefined ? undefined : readArray(record.sent_ids, place, 'sent_ids');
      const unannotated = record.bboxes === undefined && (record.bbox === undefined || record.bbox === null);
      const boxes =
        record.bboxes !== undefined
          ? readBoxes(record.bboxes, 'xywh', place, 'bboxes')
          : unannotated
            ? []
            : [readBox(record.bbox, 'xywh', place, 'bbox')];
      const contiguous = readOptionalId(record.cat_id, place, 'cat_id');
      const categoryId = contiguous === undefined ? undefined : instances?.categoryIds[Number(contiguous)];
      const common = {
        imageId,
        split,
        refId: readOptionalId(record.ref_id ?? record.mask_id, place, 'ref_id'),
        category: (categoryId === undefined ? undefined : instances?.categories.get(categoryId)) ?? contiguous,
        sameCategory: categoryId === undefined ? undefined : instances?.counts.get(`${imageId} ${categoryId}`),
        boxes,
        ...(unannotated ? { unannotated } : {}),
        ...instances?.images.get(imageId),
      };
      for (const [r, expression] of refs.entries()) {
        const sentenceId = sentences ? readOptionalId(sentences[r], place, `sent_ids[${r}]`) : undefined;
        const named = predictionId({ split, record: i, expression: r });
        expressions.push({ id: String(index++), predictionId: named, sentenceId, expression, ...common });
      }
    }
  }
  return { expressions, file };
}
