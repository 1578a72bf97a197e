import { imageKey, predictionId } from '@refclip/records';
import { DataFormatError } from '@refclip/structures';
import { readArray, readId, readObject, readText } from '../predictions/read-field.js';
import type { TruthOptions } from './parse-simrec-truth.js';
import type { TruthExpression, TruthSet } from './truth-set.js';

/**
 * Annotations of a REFER data set: the refs (`refs(unc).p`, unpickled or as JSON) and COCO's `instances.json`, which holds the boxes.
 *
 * An expression's id is its sentence id. Sentences are taken as `sent`.
 *
 * @param refs  list of `{ref_id, ann_id, image_id, split, sentences: [{sent_id, sent}]}`.
 * @param options.instances  required: the boxes are only there.
 * @throws {DataFormatError} with record and field.
 */
export function parseReferTruth(refs: unknown, options: TruthOptions): TruthSet {
  const { file = 'refs', split: wanted, instances } = options;
  if (!instances) {
    throw new DataFormatError(
      { file },
      'refs hold no boxes. Give the instances.json of the data set too (--instances).',
    );
  }
  const expressions: TruthExpression[] = [];
  const splits = new Set<string>();
  const records = new Map<string, number>();
  for (const [i, value] of readArray(refs, { file, record: '(top)' }, '(file)').entries()) {
    const place = { file, record: `ref ${i}` };
    const ref = readObject(value, place, '(record)');
    const split = readText(ref.split, place, 'split');
    splits.add(split);
    if (wanted !== undefined && split !== wanted) continue;
    const record = records.get(split) ?? 0;
    records.set(split, record + 1);
    const annotationId = readId(ref.ann_id, place, 'ann_id');
    const annotation = instances.annotations.get(annotationId);
    if (!annotation) {
      throw new DataFormatError(
        { ...place, field: 'ann_id' },
        `annotation ${annotationId} is not among the instances.`,
      );
    }
    const imageId = imageKey(readId(ref.image_id, place, 'image_id'));
    for (const [s, value] of readArray(ref.sentences, place, 'sentences').entries()) {
      const sentence = readObject(value, place, `sentences[${s}]`);
      const sentenceId = readId(sentence.sent_id, place, `sentences[${s}].sent_id`);
      expressions.push({
        id: sentenceId,
        predictionId: predictionId({ split, record, expression: s }),
        sentenceId,
        refId: readId(ref.ref_id, place, 'ref_id'),
        imageId,
        split,
        expression: readText(sentence.sent, place, `sentences[${s}].sent`),
        category: instances.categories.get(annotation.categoryId) ?? annotation.categoryId,
        sameCategory: instances.counts.get(`${imageId} ${annotation.categoryId}`),
        boxes: [annotation.box],
        ...instances.images.get(imageId),
      });
    }
  }
  if (wanted !== undefined && !splits.has(wanted)) {
    throw new DataFormatError({ file }, `has no split "${wanted}"; expected one of ${[...splits].join(', ')}.`);
  }
  return { expressions, file };
}
