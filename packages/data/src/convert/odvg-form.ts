import type { XywhBox } from '@refclip/structures';
import { z } from 'zod';
import { type AnnotationForm, allRecords, type WriteContext } from './annotation-form.js';
import { type RawBox, xywhToRawBox } from './box-convention.js';
import { checkShape } from './check-shape.js';
import { linesOf } from './jsonl-form.js';
import { nameImage } from './name-image.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import { expressionSchema, pixelsSchema, rawBoxSchema } from './record-schemas.js';
import type { ReferringRecord } from './referring-dataset.js';

const referredSchema = z.looseObject({
  bbox: rawBoxSchema,
  phrase: z.union([expressionSchema, z.array(expressionSchema).min(1)]),
});
const regionSchema = z.looseObject({
  bbox: z.union([rawBoxSchema, z.array(rawBoxSchema).min(1)]),
  phrase: z.union([expressionSchema, z.array(expressionSchema).min(1)]),
});
const rowSchema = z
  .looseObject({
    filename: z.string().min(1).max(4096),
    height: pixelsSchema,
    width: pixelsSchema,
    referring: z.union([z.array(referredSchema), referredSchema]).optional(),
    grounding: z.looseObject({ caption: expressionSchema, regions: z.array(regionSchema) }).optional(),
  })
  .refine(({ referring, grounding }) => referring || grounding, { error: 'expected `referring` or `grounding`' });

const common: Omit<AnnotationForm, 'description' | 'write'> = {
  boxes: () => 'xyxy',
  holdsSplits: false,
  needsBoxes: true,
  writesSizes: true,
  read: readOdvg,
};

/** JSON Lines as mmdetection's converter of REFER sets makes them: an image per line with the boxes and phrases that refer to its objects. Boxes xyxy. */
export const odvgForm: AnnotationForm = {
  ...common,
  description: 'ODVG JSON lines with `referring` (mmdetection); one split per file',
  *write(splits, { imageName, boxes }) {
    for (const group of consecutiveByImage(allRecords(splits))) {
      const referring = group.map(({ box, expressions, size }) => ({
        bbox: xywhToRawBox(box as XywhBox, boxes, size),
        phrase: expressions,
      }));
      yield toLine(group[0] as ReferringRecord, imageName, { referring });
    }
  },
};

/**
 * JSON Lines as mmdetection's data set `ODVGDataset` trains from: an expression per line, the whole of which is the phrase of its one region.
 */
export const odvgGroundingForm: AnnotationForm = {
  ...common,
  description: 'ODVG JSON lines with `grounding` (trains MM-Grounding-DINO); one split per file',
  *write(splits, { imageName, boxes }) {
    for (const record of allRecords(splits)) {
      const bbox = xywhToRawBox(record.box as XywhBox, boxes, record.size);
      for (const caption of record.expressions) {
        // Python counts characters, not UTF-16 units.
        const region = { bbox, phrase: caption, tokens_positive: [[0, [...caption].length]] };
        yield toLine(record, imageName, { grounding: { caption, regions: [region] } });
      }
    }
  },
};

function toLine({ image, size }: ReferringRecord, imageName: WriteContext['imageName'], content: object): string {
  if (!size) throw new Error('internal: ODVG is written without the size of an image');
  return `${JSON.stringify({ filename: imageName(image), height: size.height, width: size.width, ...content })}\n`;
}

function readOdvg(bytes: Uint8Array, { file, split }: ReadContext): PendingRecord[] {
  const problems = new ProblemList(file);
  const records: PendingRecord[] = [];
  for (const { line, text } of linesOf(bytes, file)) {
    const at = `line ${line}`;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      problems.add(at, undefined, `is not JSON: ${(cause as Error).message}`);
      continue;
    }
    const row = checkShape(rowSchema, value, at, problems);
    if (!row) continue;
    const common = { at, split, ...nameImage(row.filename), size: { width: row.width, height: row.height } };
    for (const { bbox, phrase } of [row.referring ?? []].flat())
      records.push({ ...common, expressions: [phrase].flat(), rawBox: bbox });
    if (row.grounding) records.push(...groundedBoxes(row.grounding).map((grounded) => ({ ...common, ...grounded })));
  }
  problems.throwIfAny();
  return records;
}

/** A caption with one region says what it shows; of others each region's own phrase does, once per box. */
function groundedBoxes({
  caption,
  regions,
}: NonNullable<z.output<typeof rowSchema>['grounding']>): Pick<PendingRecord, 'expressions' | 'rawBox'>[] {
  return regions.flatMap(({ bbox, phrase }) => {
    const boxes = (typeof bbox[0] === 'number' ? [bbox] : bbox) as RawBox[];
    const expression = regions.length === 1 && boxes.length === 1 ? caption : [phrase].flat().join(' ');
    return boxes.map((rawBox) => ({ expressions: [expression], rawBox }));
  });
}

/** Neighbours with the same image together, so that the order of the records stays. */
function* consecutiveByImage(records: Iterable<ReferringRecord>): Generator<ReferringRecord[]> {
  let group: ReferringRecord[] = [];
  for (const record of records) {
    if (group.length > 0 && group[0]?.image !== record.image) {
      yield group;
      group = [];
    }
    group.push(record);
  }
  if (group.length > 0) yield group;
}
