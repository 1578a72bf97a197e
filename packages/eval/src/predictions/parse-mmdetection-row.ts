import { imageKey } from '@refclip/records';
import type { XyxyBox } from '@refclip/structures';
import type { BoxFormat } from '../boxes/box-format.js';
import type { PredictionRow } from './prediction-row.js';
import {
  type JsonObject,
  type Place,
  readArray,
  readBoxes,
  readNumber,
  readObject,
  readOptionalId,
  readOptionalText,
  wrongField,
} from './read-field.js';

/** Boxes ordered by score, the best first; equal scores keep their order. */
function rank(boxes: readonly XyxyBox[], scores: readonly number[]): { boxes: XyxyBox[]; score: number | undefined } {
  const order = boxes.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { boxes: order.map((i) => boxes[i]!), score: order.length > 0 ? scores[order[0]!] : undefined };
}

/**
 * One sample of an mmdetection dump turned to JSON: `pred_instances: {bboxes, scores}`, boxes xyxy in image pixels unless told
 * otherwise, ranked by score. `text` is the expression; `gt_instances.bboxes` is the truth when it is there.
 */
export function parseMmdetectionRow(value: JsonObject, place: Place, boxFormat: BoxFormat = 'xyxy'): PredictionRow {
  const instances = readObject(value.pred_instances, place, 'pred_instances');
  const boxes = readBoxes(instances.bboxes, boxFormat, place, 'pred_instances.bboxes');
  const scores = readArray(instances.scores, place, 'pred_instances.scores').map((score) =>
    readNumber(score, place, 'pred_instances.scores'),
  );
  if (scores.length !== boxes.length) {
    throw wrongField(place, 'pred_instances.scores', `${boxes.length} scores, one per box`, scores.length);
  }
  const image = readOptionalId(value.img_id ?? value.img_path, place, 'img_id');
  const truth = value.gt_instances === undefined ? undefined : readObject(value.gt_instances, place, 'gt_instances');
  return {
    at: place.record.startsWith('line ') ? place.record : `record ${place.record}`,
    id: readOptionalId(value.id, place, 'id') ?? place.record,
    imageId: image === undefined ? undefined : imageKey(image),
    expression: readOptionalText(value.text, place, 'text'),
    ...rank(boxes, scores),
    truths: truth ? readBoxes(truth.bboxes, boxFormat, place, 'gt_instances.bboxes') : undefined,
  };
}
