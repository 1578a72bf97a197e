import { imageKey } from '@refclip/records';
import type { BoxFormat } from '../boxes/box-format.js';
import type { PredictionRow } from './prediction-row.js';
import { rankBoxes } from './rank-boxes.js';
import {
  type JsonObject,
  type Place,
  readBox,
  readBoxes,
  readBoxFormat,
  readMask,
  readOptionalId,
  readOptionalNumber,
  readOptionalText,
  wrongField,
} from './read-field.js';

/**
 * One parsed line of a RefCLIP prediction file, checked. The fields are those of `PredictionRecord`.
 *
 * @param boxFormat  used where a line declares none.
 * @throws {DataFormatError} with line and field.
 */
export function parseRefclipRow(value: JsonObject, place: Place, boxFormat?: BoxFormat): PredictionRow {
  const declared = value.boxFormat === undefined ? boxFormat : readBoxFormat(value.boxFormat, place, 'boxFormat');
  if (declared === undefined) {
    throw wrongField(place, 'boxFormat', 'the box format (xyxy, xywh or cxcywh) in the line or in the call', undefined);
  }
  const image = readOptionalId(value.imageId ?? value.image, place, 'imageId');
  const id = readOptionalId(value.id, place, 'id');
  if (id === undefined && (image === undefined || value.expression === undefined)) {
    throw wrongField(place, 'id', 'an id, or imageId and expression', value.id);
  }
  if (value.box === undefined && value.boxes === undefined) {
    throw wrongField(place, 'box', 'a box, null, or a list "boxes"', undefined);
  }
  const given =
    value.boxes !== undefined
      ? readBoxes(value.boxes, declared, place, 'boxes')
      : value.box === null
        ? []
        : [readBox(value.box, declared, place, 'box')];
  const ranked =
    value.boxes === undefined || value.scores === undefined || value.scores === null
      ? undefined
      : rankBoxes(given, value.scores, place, 'scores');
  const truths =
    value.truths !== undefined
      ? readBoxes(value.truths, declared, place, 'truths')
      : value.truth === undefined || value.truth === null
        ? undefined
        : [readBox(value.truth, declared, place, 'truth')];
  return {
    at: place.record,
    id,
    refId: readOptionalId(value.refId, place, 'refId'),
    imageId: image === undefined ? undefined : imageKey(image),
    split: readOptionalText(value.split, place, 'split'),
    expression: readOptionalText(value.expression, place, 'expression'),
    category: readOptionalId(value.category, place, 'category'),
    boxes: ranked?.boxes ?? given,
    score: readOptionalNumber(value.score, place, 'score') ?? ranked?.score,
    confidence: readOptionalNumber(value.confidence, place, 'confidence'),
    truths,
    recordedIou: readOptionalNumber(value.iou, place, 'iou'),
    width: readOptionalNumber(value.width, place, 'width'),
    height: readOptionalNumber(value.height, place, 'height'),
    mask: value.mask === undefined ? undefined : readMask(value.mask, place, 'mask'),
    truthMask: value.truthMask === undefined ? undefined : readMask(value.truthMask, place, 'truthMask'),
  };
}
