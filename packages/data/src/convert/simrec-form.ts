import { z } from 'zod';
import type { AnnotationForm } from './annotation-form.js';
import { type RawBox, xywhToRawBox } from './box-convention.js';
import { checkShape } from './check-shape.js';
import { nameImage } from './name-image.js';
import { parseJson } from './parse-json.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import { expressionSchema, imageSchema, pixelsSchema, rawBoxSchema } from './record-schemas.js';

const recordSchema = z
  .looseObject({
    iid: imageSchema.optional(),
    url: z.string().min(1).max(4096).optional(),
    bbox: rawBoxSchema.nullish(),
    cat_id: z.int().nullish(),
    refs: z.array(expressionSchema),
    mask_id: z.union([z.int(), z.string()]).nullish(),
    width: pixelsSchema.nullish(),
    height: pixelsSchema.nullish(),
    score: z.number().nonnegative().nullish(),
  })
  .refine(({ iid, url }) => iid !== undefined || url !== undefined, { error: 'expected iid or url' });

/** SimREC's annotation JSON: split → `[{iid, bbox, cat_id, refs, mask_id}]`. Boxes xywh. What RefCLIP and this project train from; a pseudo-label may also have a `score`. */
export const simrecForm: AnnotationForm = {
  description: 'SimREC JSON (RefCLIP, SimREC and this project): split → [{iid, bbox, cat_id, refs, mask_id}]',
  boxes: () => 'xywh',
  holdsSplits: true,
  read: readSimrec,
  *write(splits, { boxes }) {
    let first = true;
    yield '{';
    for (const [split, records] of splits) {
      yield `${first ? '' : ','}\n${JSON.stringify(split)}: [`;
      first = false;
      for (const [index, { image, box, category, expressions, maskId, size, score }] of records.entries()) {
        const rest = {
          ...(category === undefined ? {} : { cat_id: category }),
          refs: expressions,
          ...(maskId === undefined ? {} : { mask_id: maskId }),
          ...(score === undefined ? {} : { score }),
        };
        const bbox = box ? `"bbox":${decimals(xywhToRawBox(box, boxes, size))},` : '';
        yield `${index === 0 ? '' : ','}\n{"iid":${JSON.stringify(image)},${bbox}${JSON.stringify(rest).slice(1)}`;
      }
      yield ']';
    }
    yield '}\n';
  },
};

/** JSON whose numbers Python reads as floats: SimREC's official loader cannot scale a box of four integers. */
function decimals(box: RawBox): string {
  return `[${box.map((value) => (Number.isInteger(value) ? value.toFixed(1) : JSON.stringify(value))).join(',')}]`;
}

function readSimrec(bytes: Uint8Array, { file }: ReadContext): PendingRecord[] {
  const problems = new ProblemList(file);
  const top = checkShape(z.record(z.string(), z.array(z.unknown())), parseJson(bytes, file), undefined, problems);
  problems.throwIfAny();
  const records: PendingRecord[] = [];
  for (const [split, values] of Object.entries(top ?? {})) {
    values.forEach((value, index) => {
      const at = `${split} ${index}`;
      const record = checkShape(recordSchema, value, at, problems);
      if (!record) return;
      const image = record.iid ?? (record.url as string);
      records.push({
        at,
        split,
        ...nameImage(image),
        expressions: record.refs,
        rawBox: record.bbox ?? undefined,
        category: record.cat_id ?? undefined,
        maskId: record.mask_id ?? undefined,
        size: record.width && record.height ? { width: record.width, height: record.height } : undefined,
        ...(typeof record.score === 'number' ? { score: record.score } : {}),
      });
    });
  }
  problems.throwIfAny();
  return records;
}
