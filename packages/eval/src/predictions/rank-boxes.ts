import type { XyxyBox } from '@refclip/structures';
import { type Place, readArray, readNumber, wrongField } from './read-field.js';

/**
 * Boxes ordered by the scores beside them, the best first; equal scores keep their order.
 *
 * @throws {DataFormatError} when there is not one number for each box.
 */
export function rankBoxes(
  boxes: readonly XyxyBox[],
  given: unknown,
  place: Place,
  field: string,
): { readonly boxes: readonly XyxyBox[]; readonly score: number | undefined } {
  const scores = readArray(given, place, field).map((score) => readNumber(score, place, field));
  if (scores.length !== boxes.length) {
    throw wrongField(place, field, `${boxes.length} scores, one per box`, scores.length);
  }
  const order = boxes.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return { boxes: order.map((i) => boxes[i]!), score: order.length > 0 ? scores[order[0]!] : undefined };
}
