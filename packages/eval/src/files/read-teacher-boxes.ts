import { isLabeled, readAnnotations, readLabelHeader, readLabels } from '@refclip/data';
import { imageKey, predictionId } from '@refclip/records';
import { xywhToXyxy } from '@refclip/structures';
import type { PredictionFormat } from '../predictions/detect-prediction-format.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import { readBeginning } from './read-bytes.js';

/** Boxes for expressions that are no prediction file: a label file, or annotations whose boxes a model drew. @internal */
export interface TeacherBoxes {
  readonly format: Extract<PredictionFormat, 'labels' | 'annotations'>;
  readonly rows: readonly PredictionRow[];
  readonly notes: readonly string[];
  /** Only so many first records of the split were labelled. */
  readonly firstRecords?: number | undefined;
}

const looked = 1 << 16;

/** Whether a file is a label file or annotations, by its name and beginning; undefined for a prediction file. @internal */
export async function detectTeacherBoxes(file: string): Promise<TeacherBoxes['format'] | undefined> {
  if (/\.(csv|tsv|pth|pt)$/i.test(file)) return 'annotations';
  const start = new TextDecoder().decode(await readBeginning(file, looked)).replace(/^\ufeff/, '');
  if (/^\s*\{[^\n]*"format"\s*:\s*"refclip-labels-/.test(start)) return 'labels';
  const line = start.slice(0, start.search(/\n|$/));
  if (/\.(jsonl|ndjson)$/i.test(file)) {
    const isPairs = /"image"\s*:/.test(line) && /"(agreement|expressions)"\s*:/.test(line);
    return isPairs || /^\s*\{[^\n]*"(referring|grounding)"\s*:/.test(line) ? 'annotations' : undefined;
  }
  const isSimrec =
    /^\s*\{\s*"[^"]*"\s*:\s*\[/.test(start) && /"refs"\s*:\s*\[/.test(start) && /"(iid|url)"\s*:/.test(start);
  return isSimrec ? 'annotations' : undefined;
}

/**
 * Reads the boxes that a teacher gave: `labels.jsonl` of the pseudo-labeler, or annotations in any form of `@refclip/data`, as its exports are.
 *
 * @throws {FileError} when the file cannot be read; {DataFormatError} when it is damaged or not finished. @internal
 */
export async function readTeacherBoxes(file: string, format: TeacherBoxes['format']): Promise<TeacherBoxes> {
  return format === 'labels' ? await readLabelBoxes(file) : await readAnnotatedBoxes(file);
}

async function readLabelBoxes(file: string): Promise<TeacherBoxes> {
  const { data, shard } = await readLabelHeader(file);
  const { split } = data;
  const rows: PredictionRow[] = [];
  let unread = 0;
  for await (const entry of readLabels(file)) {
    if (!isLabeled(entry)) {
      unread += entry.expressions;
      continue;
    }
    const { image, width, height, labels } = entry;
    for (const { record, expression, text, box, similarity } of labels) {
      const id = predictionId({ split, record, expression });
      rows.push({
        at: id,
        id,
        split,
        imageId: imageKey(image),
        expression: text,
        boxes: [box],
        score: similarity,
        width,
        height,
      });
    }
  }
  const notes: string[] = [];
  if (shard) notes.push(`is shard ${shard.index} of ${shard.count}: what the others hold is missing. Merge them first`);
  if (unread > 0) notes.push(`${unread} expressions have no label, since their images could not be read: missing`);
  return { format: 'labels', rows, notes, firstRecords: data.records };
}

async function readAnnotatedBoxes(file: string): Promise<TeacherBoxes> {
  const { splits, notes } = await readAnnotations(file);
  const rows: PredictionRow[] = [];
  for (const [split, records] of splits) {
    for (const [at, { image, box, expressions, maskId, size, score }] of records.entries()) {
      for (const expression of expressions) {
        rows.push({
          at: `${split} ${at}`,
          split,
          imageId: imageKey(image),
          expression,
          refId: maskId === undefined ? undefined : String(maskId),
          boxes: box ? [xywhToXyxy(box)] : [],
          score,
          width: size?.width,
          height: size?.height,
        });
      }
    }
  }
  return { format: 'annotations', rows, notes };
}
