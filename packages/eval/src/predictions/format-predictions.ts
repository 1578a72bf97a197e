import { DataFormatError, type XyxyBox, xyxyToXywh } from '@refclip/structures';
import { formatPrediction } from './format-prediction.js';
import type { PredictionRecord } from './prediction-record.js';
import type { PredictionRow } from './prediction-row.js';

/** Formats that predictions can be written in, and which ids annotations give them there. */
export const writableFormats = {
  refclip: { ids: 'id' },
  'per-expression': { ids: 'id' },
  refer: { ids: 'sentence' },
  coco: { ids: 'id' },
} as const;

/** Name of such a format. */
export type WritableFormat = keyof typeof writableFormats;

/** A prediction file as text, and what the format could not hold. */
export interface FormattedPredictions {
  readonly text: string;
  readonly notes: readonly string[];
}

/** Ids that are whole numbers are written as numbers, as the tools of the field expect. */
const toId = (id: string) => (/^(0|[1-9]\d{0,14})$/.test(id) ? Number(id) : id);

function toRecord(row: PredictionRow, place: number): PredictionRecord {
  const { boxes, truths, refId, imageId, split, expression, category, score, confidence } = row;
  return {
    id: row.id === undefined ? place : toId(row.id),
    refId: refId === undefined ? undefined : toId(refId),
    imageId: imageId === undefined ? undefined : toId(imageId),
    split,
    expression,
    category,
    ...(boxes.length > 1 ? { boxes } : { box: boxes[0] ?? null }),
    boxFormat: 'xyxy',
    score,
    confidence,
    ...(truths?.length === 1 ? { truth: truths[0] } : { truths }),
    iou: row.recordedIou,
    width: row.width,
    height: row.height,
    mask: row.mask,
    truthMask: row.truthMask,
  };
}

const optionalXywh = (box: XyxyBox | undefined) => (box ? xyxyToXywh(box) : null);

/**
 * Predictions as the text of a file.
 *
 * `refclip` holds everything. `per-expression`, `refer` and `coco` hold one box each, the first, and `notes` say what was left behind.
 *
 * @throws {DataFormatError} when a row lacks what the format needs, or two rows have the name that it needs to be unique.
 */
export function formatPredictions(
  rows: readonly PredictionRow[],
  format: WritableFormat,
  options: { readonly file?: string | undefined } = {},
): FormattedPredictions {
  const { file = 'predictions' } = options;
  const needs = (row: PredictionRow, field: string, problem: string) =>
    new DataFormatError({ file, record: row.at, field }, `${problem} the format ${format} needs.`);
  if (format === 'refclip') {
    return { text: rows.map((row, place) => formatPrediction(toRecord(row, place))).join(''), notes: [] };
  }
  const notes: string[] = [];
  const note = (count: number, what: string) => count > 0 && notes.push(`${count} predictions ${what}`);
  const count = (test: (row: PredictionRow) => boolean) => rows.filter(test).length;
  note(
    count((row) => row.boxes.length > 1),
    `have several boxes, of which ${format} keeps the first`,
  );
  note(
    count((row) => row.mask !== undefined),
    `have a mask, which ${format} is written without`,
  );
  if (format === 'refer') {
    const list = rows.map((row) => {
      if (row.id === undefined && row.refId === undefined) throw needs(row, 'sent_id', 'has no sentence or ref, which');
      const key = row.id === undefined ? { ref_id: toId(row.refId!) } : { sent_id: toId(row.id) };
      return { ...key, box: optionalXywh(row.boxes[0]) };
    });
    return { text: `${JSON.stringify(list)}\n`, notes };
  }
  if (format === 'coco') {
    const answered = rows.filter((row) => row.boxes.length > 0);
    note(rows.length - answered.length, 'have no box, and coco no way to say so');
    note(answered.filter((row) => row.score === undefined).length, 'have no score and get 1');
    const list = answered.map((row) => {
      if (row.imageId === undefined) throw needs(row, 'imageId', 'has no image, which');
      return { image_id: toId(row.imageId), category_id: 1, bbox: optionalXywh(row.boxes[0]), score: row.score ?? 1 };
    });
    return { text: `${JSON.stringify(list)}\n`, notes };
  }
  const named = new Map<string, object>();
  for (const [place, row] of rows.entries()) {
    const name = row.id ?? String(place);
    if (named.has(name)) throw needs(row, 'id', `"${name}" comes twice, and one row per id`);
    named.set(name, {
      iou: row.recordedIou,
      image_name: row.imageId === undefined ? undefined : toId(row.imageId),
      split: row.split,
      expression: row.expression,
      pred_bbox: row.boxes[0] ?? null,
      gt_bbox: row.truths?.[0],
      score: row.score,
    });
  }
  return { text: `${JSON.stringify(Object.fromEntries(named))}\n`, notes };
}
