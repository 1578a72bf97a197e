import { DataFormatError, type XywhBox } from '@refclip/structures';
import { z } from 'zod';
import { allRecords, type WriteContext } from './annotation-form.js';
import { type RawBox, xywhToRawBox } from './box-convention.js';
import { checkShape } from './check-shape.js';
import { nameImage } from './name-image.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import { expressionSchema, imageSchema, rawBoxSchema } from './record-schemas.js';
import type { SplitRecords } from './referring-dataset.js';

const longTuple = z.tuple([imageSchema, z.unknown(), rawBoxSchema, expressionSchema, z.unknown()]);
const shortTuple = z.tuple([imageSchema, rawBoxSchema, expressionSchema]);

/**
 * TransVG's list, one tuple per expression: `(image, ignored, box, phrase, ignored)`, or Flickr's `(image, box, phrase)`.
 *
 * @param value  what the file holds, tuples and lists as arrays.
 */
export function readTransvgTuples(value: unknown, { file, split }: ReadContext): PendingRecord[] {
  if (!Array.isArray(value)) throw new DataFormatError({ file }, 'expected a list of tuples');
  const problems = new ProblemList(file);
  const records: PendingRecord[] = [];
  value.forEach((tuple: unknown, at) => {
    const length = Array.isArray(tuple) ? tuple.length : 0;
    if (length !== 3 && length !== 5) {
      problems.add(
        at,
        undefined,
        `expected a tuple of 5 (or 3, as for Flickr), got ${Array.isArray(tuple) ? length : typeof tuple}`,
      );
      return;
    }
    const short = length === 3 ? checkShape(shortTuple, tuple, at, problems) : undefined;
    const long = length === 5 ? checkShape(longTuple, tuple, at, problems) : undefined;
    const [image, rawBox, phrase] = short ?? (long ? [long[0], long[2], long[3]] : []);
    if (image === undefined || !rawBox || phrase === undefined) return;
    records.push({
      at,
      split,
      ...nameImage(image),
      expressions: [phrase],
      rawBox,
    });
  });
  problems.throwIfAny();
  return records;
}

/**
 * Records as TransVG's tuples. Edges are rounded to whole pixels, since TransVG cuts decimals off when it reads.
 * Flickr's form (by the name of the file) has three entries; in the others the ignored two are the mask's file name and an empty list.
 */
export function transvgTuples(splits: SplitRecords, { imageName, boxes, file }: WriteContext): unknown[][] {
  const short = isFlickr(file);
  const tuples: unknown[][] = [];
  for (const { image, box, expressions, maskId, size } of allRecords(splits)) {
    const numbers: RawBox = xywhToRawBox(roundEdges(box as XywhBox), boxes, size);
    for (const phrase of expressions) {
      tuples.push(
        short
          ? [imageName(image), [...numbers], phrase]
          : [imageName(image), `${maskId ?? tuples.length}.pth`, [...numbers], phrase, []],
      );
    }
  }
  return tuples;
}

/** Boxes of TransVG's files by their names: corners for `referit_*` and `flickr_*`, corner and size for the RefCOCO family. */
export function transvgBoxes(file: string): 'xyxy' | 'xywh' | undefined {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  if (/^(referit|flickr)[_.]/.test(name)) return 'xyxy';
  return /^(unc|unc\+|gref|gref_umd)[_.]/.test(name) ? 'xywh' : undefined;
}

function isFlickr(file: string): boolean {
  return /(^|[\\/])flickr[_.][^\\/]*$/.test(file);
}

function roundEdges([x, y, w, h]: XywhBox): XywhBox {
  // Plus 0: a negative zero would be a float in Python.
  const [left, top] = [Math.round(x) + 0, Math.round(y) + 0];
  return [left, top, Math.max(1, Math.round(x + w) - left), Math.max(1, Math.round(y + h) - top)];
}
