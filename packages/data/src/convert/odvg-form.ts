import { z } from 'zod';
import { type AnnotationForm, allRecords } from './annotation-form.js';
import { type RawBox, xywhToRawBox } from './box-convention.js';
import { checkShape } from './check-shape.js';
import { imageIdOfName } from './image-id-of-name.js';
import { linesOf } from './jsonl-form.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import { expressionSchema, pixelsSchema, rawBoxSchema } from './record-schemas.js';
import type { ReferringRecord } from './referring-dataset.js';

const rowSchema = z.looseObject({
  filename: z.string().min(1).max(4096),
  height: pixelsSchema,
  width: pixelsSchema,
  referring: z.union([
    z.array(
      z.looseObject({ bbox: rawBoxSchema, phrase: z.union([expressionSchema, z.array(expressionSchema).min(1)]) }),
    ),
    z.looseObject({ bbox: rawBoxSchema, phrase: z.union([expressionSchema, z.array(expressionSchema).min(1)]) }),
  ]),
});

/** JSON Lines of mmdetection and MM-Grounding-DINO: an image per line with the boxes and phrases that refer to its objects. Boxes xyxy. */
export const odvgForm: AnnotationForm = {
  description: 'ODVG JSON lines with `referring` (mmdetection, MM-Grounding-DINO); one split per file',
  boxes: () => 'xyxy',
  holdsSplits: false,
  needsBoxes: true,
  writesSizes: true,
  read: readOdvg,
  *write(splits, { imageName, boxes }) {
    for (const group of consecutiveByImage(allRecords(splits))) {
      const [first] = group;
      if (!first?.size) throw new Error('internal: ODVG is written without the size of an image');
      const size = first.size;
      const referring = group.map(({ box, expressions }) => ({
        bbox: box ? xywhToRawBox(box, boxes, size) : undefined,
        phrase: expressions,
      }));
      yield `${JSON.stringify({ filename: imageName(first.image), height: size.height, width: size.width, referring })}\n`;
    }
  },
};

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
    const size = { width: row.width, height: row.height };
    for (const { bbox, phrase } of [row.referring].flat() as { bbox: RawBox; phrase: string | string[] }[]) {
      records.push({ at, split, image: imageIdOfName(row.filename), expressions: [phrase].flat(), rawBox: bbox, size });
    }
  }
  problems.throwIfAny();
  return records;
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
