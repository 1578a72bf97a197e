import { DataFormatError } from '@refclip/structures';
import type { JsonObject } from './read-field.js';

/** The prediction files that can be read, and what each looks like. */
export const predictionFormats = {
  refclip: 'JSON Lines (or a list) of {id, imageId, split, expression, box, boxFormat, score, confidence, truth}',
  'per-expression': 'JSON object or list of {pred_bbox, gt_bbox, iou, image_name}, boxes xyxy, as LBYLNet writes',
  refer: 'JSON list of {ref_id | sent_id | refexp_id, box}, boxes xywh, as the REFER evaluation reads',
  coco: 'JSON list of COCO results {image_id, bbox, score}, boxes xywh; the boxes of an image are ranked by score',
  mmdetection: 'JSON list of {img_id, pred_instances: {bboxes, scores}}, boxes xyxy, ranked by score',
  text: 'JSON list or lines of {id, answer}: text of a vision–language model with a box in it',
  labels: "the pseudo-labeler's labels.jsonl",
  annotations:
    'annotations whose boxes a model drew: SimREC JSON, CSV, TransVG, RealGIN, ODVG, as the pseudo-labeler exports them',
} as const satisfies Record<string, string>;

/** Name of a readable prediction format. */
export type PredictionFormat = keyof typeof predictionFormats;

/** The fields in which text answers are found, in this order. */
export const answerFields = ['answer', 'response', 'output', 'prediction', 'text', 'content'] as const;

/**
 * Tells the format of a prediction file from one of its rows.
 *
 * @param row  the first row: an element of the list, a value of the object, or a line.
 * @throws {DataFormatError} when nothing fits; it lists what the row has and what would fit.
 */
export function detectPredictionFormat(row: JsonObject, file: string): PredictionFormat {
  if ('pred_instances' in row) return 'mmdetection';
  if ('pred_bbox' in row) return 'per-expression';
  if (('ref_id' in row || 'sent_id' in row || 'refexp_id' in row) && ('box' in row || 'bbox' in row)) return 'refer';
  if ('image_id' in row && ('bbox' in row || 'segmentation' in row)) return 'coco';
  if ('box' in row || 'boxes' in row) return 'refclip';
  if (answerFields.some((field) => typeof row[field] === 'string')) return 'text';
  const known = Object.entries(predictionFormats).map(([name, form]) => `  ${name}: ${form}`);
  const fields = Object.keys(row).slice(0, 12).join(', ');
  throw new DataFormatError(
    { file },
    `the first row has the fields [${fields}], which no known prediction format has. Name one if it is one of\n${known.join('\n')}`,
  );
}
