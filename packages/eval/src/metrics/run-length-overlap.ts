import { DataFormatError } from '@refclip/structures';
import type { RunLengthMask } from '../predictions/prediction-record.js';
import type { MaskOverlap } from './mask-overlap.js';

/**
 * Run lengths of a mask, alternately outside and inside, checked against the mask's size.
 *
 * COCO's compressed string holds each number in groups of five bits, least significant first, a sixth bit for "more",
 * plus 48; from the fourth number on the difference to the number two before is stored.
 *
 * @throws {DataFormatError} when the string is broken or the lengths do not add up to height × width.
 */
function runLengths(mask: RunLengthMask, name: string): readonly number[] {
  const fail = (problem: string) => new DataFormatError({ file: name, field: 'counts' }, problem);
  const pixels = mask.size[0] * mask.size[1];
  let lengths: number[] = [];
  if (typeof mask.counts === 'string') {
    for (let at = 0; at < mask.counts.length; ) {
      let [value, shift, more] = [0, 0, true];
      while (more) {
        const bits = mask.counts.charCodeAt(at++) - 48;
        // Also refuses NaN, the code beyond the end. Seven groups hold 35 bits: enough for any image.
        if (!(bits >= 0 && bits < 64) || shift > 30) throw fail(`broken run-length string at character ${at}.`);
        value += (bits & 31) * 2 ** shift;
        shift += 5;
        more = (bits & 32) !== 0;
        if (!more && bits & 16) value -= 2 ** shift;
      }
      if (lengths.length > 2) value += lengths[lengths.length - 2]!;
      lengths.push(value);
    }
  } else {
    lengths = [...mask.counts];
  }
  let sum = 0;
  for (const length of lengths) {
    if (!(Number.isInteger(length) && length >= 0)) throw fail(`expected whole run lengths, got ${length}.`);
    sum += length;
  }
  if (sum !== pixels) throw fail(`the run lengths add up to ${sum}; expected ${mask.size.join(' × ')} = ${pixels}.`);
  return lengths;
}

/**
 * Overlap of two COCO run-length masks of the same size, without unpacking their pixels.
 *
 * @throws {DataFormatError} when a mask is broken or the sizes differ.
 * @see COCO's mask API, https://github.com/cocodataset/cocoapi, for the format
 */
export function runLengthOverlap(a: RunLengthMask, b: RunLengthMask): MaskOverlap {
  if (a.size.join() !== b.size.join()) {
    const problem = `masks are ${a.size.join(' × ')} and ${b.size.join(' × ')}; expected one size.`;
    throw new DataFormatError({ file: 'mask', field: 'size' }, problem);
  }
  const [runsA, runsB] = [runLengths(a, 'predicted mask'), runLengths(b, 'annotated mask')];
  let [i, j, intersection, union] = [0, 0, 0, 0];
  let [leftA, leftB] = [runsA[0] ?? 0, runsB[0] ?? 0];
  while (i < runsA.length && j < runsB.length) {
    const step = Math.min(leftA, leftB);
    const [inA, inB] = [i % 2 === 1, j % 2 === 1];
    if (inA && inB) intersection += step;
    if (inA || inB) union += step;
    leftA -= step;
    leftB -= step;
    if (leftA === 0) leftA = runsA[++i] ?? 0;
    if (leftB === 0) leftB = runsB[++j] ?? 0;
  }
  return { intersection, union };
}
