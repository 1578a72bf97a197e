import { imageKey } from '@refclip/records';
import type { BoxFormat } from '../boxes/box-format.js';
import type { PredictionRow } from './prediction-row.js';
import { rankBoxes } from './rank-boxes.js';
import { type JsonObject, type Place, readBoxes, readObject, readOptionalId, readOptionalText } from './read-field.js';

/**
 * One sample of an mmdetection dump turned to JSON: `pred_instances: {bboxes, scores}`, boxes xyxy in image pixels unless told
 * otherwise, ranked by score. `text` is the expression; `gt_instances.bboxes` is the truth when it is there.
 */
export function parseMmdetectionRow(value: JsonObject, place: Place, boxFormat: BoxFormat = 'xyxy'): PredictionRow {
  const instances = readObject(value.pred_instances, place, 'pred_instances');
  const boxes = readBoxes(instances.bboxes, boxFormat, place, 'pred_instances.bboxes');
  const image = readOptionalId(value.img_id ?? value.img_path, place, 'img_id');
  const truth = value.gt_instances === undefined ? undefined : readObject(value.gt_instances, place, 'gt_instances');
  return {
    at: place.record.startsWith('line ') ? place.record : `record ${place.record}`,
    id: readOptionalId(value.id, place, 'id') ?? place.record,
    imageId: image === undefined ? undefined : imageKey(image),
    expression: readOptionalText(value.text, place, 'text'),
    ...rankBoxes(boxes, instances.scores, place, 'pred_instances.scores'),
    truths: truth ? readBoxes(truth.bboxes, boxFormat, place, 'gt_instances.bboxes') : undefined,
  };
}
