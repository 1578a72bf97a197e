import { imageKey } from '@refclip/records';
import type { BoxFormat } from '../boxes/box-format.js';
import type { PredictionRow } from './prediction-row.js';
import {
  type JsonObject,
  type Place,
  readBox,
  readOptionalId,
  readOptionalNumber,
  readOptionalText,
  wrongField,
} from './read-field.js';

/**
 * `{pred_bbox, gt_bbox, iou, image_name}` of one expression, boxes xyxy unless told otherwise, as LBYLNet writes.
 *
 * The name of the record becomes the id. It counts in the order of the writing program, which is not that of an annotation file.
 */
export function parsePerExpressionRow(value: JsonObject, place: Place, boxFormat: BoxFormat = 'xyxy'): PredictionRow {
  if (value.pred_bbox === undefined) throw wrongField(place, 'pred_bbox', 'a box or null', undefined);
  const image = readOptionalId(value.image_name ?? value.image_id ?? value.image, place, 'image_name');
  return {
    at: place.record.startsWith('line ') ? place.record : `record ${place.record}`,
    id: readOptionalId(value.id, place, 'id') ?? place.record,
    imageId: image === undefined ? undefined : imageKey(image),
    split: readOptionalText(value.split, place, 'split'),
    expression: readOptionalText(value.expression ?? value.sentence ?? value.phrase, place, 'expression'),
    boxes: value.pred_bbox === null ? [] : [readBox(value.pred_bbox, boxFormat, place, 'pred_bbox')],
    score: readOptionalNumber(value.score, place, 'score'),
    truths: value.gt_bbox === undefined ? undefined : [readBox(value.gt_bbox, boxFormat, place, 'gt_bbox')],
    recordedIou: readOptionalNumber(value.iou, place, 'iou'),
  };
}
