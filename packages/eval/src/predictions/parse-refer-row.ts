import type { BoxFormat } from '../boxes/box-format.js';
import type { PredictionRow } from './prediction-row.js';
import { type JsonObject, type Place, readBox, readOptionalId, readOptionalNumber, wrongField } from './read-field.js';

/**
 * `{sent_id | ref_id, box}`, boxes xywh unless told otherwise, as the comprehension evaluation of REFER reads. `refexp_id`, of Google's
 * toolbox, is a sentence id. A box of a ref answers each of its expressions.
 */
export function parseReferRow(value: JsonObject, place: Place, boxFormat: BoxFormat = 'xywh'): PredictionRow {
  const sentence = readOptionalId(value.sent_id ?? value.refexp_id, place, 'sent_id');
  const ref = readOptionalId(value.ref_id, place, 'ref_id');
  if (sentence === undefined && ref === undefined) throw wrongField(place, 'sent_id', 'a sent_id or ref_id', undefined);
  const box = value.box === undefined ? value.bbox : value.box;
  if (box === undefined) throw wrongField(place, 'box', 'a box or null', undefined);
  return {
    at: place.record.startsWith('line ') ? place.record : `record ${place.record}`,
    id: sentence,
    refId: ref,
    boxes: box === null ? [] : [readBox(box, boxFormat, place, 'box')],
    score: readOptionalNumber(value.score, place, 'score'),
  };
}
