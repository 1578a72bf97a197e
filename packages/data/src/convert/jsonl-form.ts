import { z } from 'zod';
import type { AnnotationForm, WriteContext } from './annotation-form.js';
import { boxConventions, xywhToRawBox } from './box-convention.js';
import { checkShape } from './check-shape.js';
import { decodeText } from './decode-text.js';
import { misnamedFields } from './misnamed-fields.js';
import { nameOwnImage } from './name-image.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import { expressionSchema, imageSchema, pixelsSchema, rawBoxSchema } from './record-schemas.js';
import type { ReferringRecord } from './referring-dataset.js';

const rowSchema = z
  .looseObject({
    image: imageSchema,
    expression: expressionSchema.optional(),
    expressions: z.array(expressionSchema).min(1).optional(),
    box: rawBoxSchema.nullish(),
    boxFormat: z.enum(boxConventions).optional(),
    split: z.string().min(1).optional(),
    category: z.int().nonnegative().optional(),
    mask: z.union([z.int(), z.string()]).optional(),
    width: pixelsSchema.optional(),
    height: pixelsSchema.optional(),
  })
  .refine((row) => (row.expression === undefined) !== (row.expressions === undefined), {
    error: 'expected `expression` (a text) or `expressions` (a list of texts)',
  });

/** JSON Lines of `{image, expression[, box][, split]}`: one's own pairs. */
export const jsonlForm: AnnotationForm = {
  description: "one's own pairs: a JSON object {image, expression[, box][, boxFormat][, split]} per line",
  boxes: () => undefined,
  holdsSplits: true,
  read: readJsonl,
  *write(splits, context) {
    for (const [split, records] of splits) {
      for (const record of records) yield `${JSON.stringify(toRow(record, split, context))}\n`;
    }
  },
};

function readJsonl(bytes: Uint8Array, { file, split }: ReadContext): PendingRecord[] {
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
    const read = { box: row.box !== undefined, split: row.split !== undefined };
    const misnamed =
      read.box && read.split ? [] : misnamedFields(Object.keys(row), read, 'box, a list of four numbers');
    for (const [field, problem] of misnamed) problems.add(at, field, problem);
    records.push({
      at,
      split: row.split ?? split,
      ...nameOwnImage(row.image),
      expressions: row.expressions ?? [row.expression as string],
      rawBox: row.box ?? undefined,
      boxConvention: row.boxFormat,
      category: row.category,
      maskId: row.mask,
      size: row.width && row.height ? { width: row.width, height: row.height } : undefined,
    });
  }
  problems.throwIfAny();
  return records;
}

/** Lines that are not blank, with their numbers from 1. The file may be longer than the longest string. */
export function* linesOf(bytes: Uint8Array, file: string): Generator<{ line: number; text: string }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(start, end));
    } catch {
      // Decoded once more as a whole, for a message with line and column.
      decodeText(bytes, file);
      throw new Error(`internal: line ${line} of ${file} decodes in the file and not alone`);
    }
    if (text.trim() !== '') yield { line, text };
    start = end + 1;
  }
}

function toRow(record: ReferringRecord, split: string, context: WriteContext): Record<string, unknown> {
  const { expressions, box, size } = record;
  return {
    image: context.imageName(record.image),
    ...(expressions.length === 1 ? { expression: expressions[0] } : { expressions }),
    ...(box ? { box: xywhToRawBox(box, context.boxes, size), boxFormat: context.boxes } : {}),
    split,
    ...(record.category === undefined ? {} : { category: record.category }),
    ...(record.maskId === undefined ? {} : { mask: record.maskId }),
    ...(size ?? {}),
  };
}
