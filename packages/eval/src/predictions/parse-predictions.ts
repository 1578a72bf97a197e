import { DataFormatError, UsageError } from '@refclip/structures';
import type { BoxFormat } from '../boxes/box-format.js';
import { detectPredictionFormat, type PredictionFormat } from './detect-prediction-format.js';
import { parseCocoRows } from './parse-coco-rows.js';
import { parseJson } from './parse-json.js';
import { parseMmdetectionRow } from './parse-mmdetection-row.js';
import { parsePerExpressionRow } from './parse-per-expression-row.js';
import { parseRefclipRow } from './parse-refclip-row.js';
import { parseReferRow } from './parse-refer-row.js';
import { type ImageSizes, parseTextRows, type TextScale } from './parse-text-rows.js';
import type { PredictionRow } from './prediction-row.js';
import { type JsonObject, type Place, type PlacedValue, readObject } from './read-field.js';

/** How a prediction file is read. Everything left out is detected, and said in the result. */
export interface ParseOptions {
  /** Name of the file, for messages. */
  readonly file?: string | undefined;
  readonly format?: PredictionFormat | undefined;
  /** Overrides the box format that the file's kind implies; a line's own declaration wins. */
  readonly boxFormat?: BoxFormat | undefined;
  /** Scale of the numbers in text answers. */
  readonly textScale?: TextScale | undefined;
  /** Image sizes by image key, for text answers in relative scales. */
  readonly imageSizes?: ImageSizes | undefined;
}

/** A prediction file, read. */
export interface ParsedPredictions {
  readonly format: PredictionFormat;
  readonly rows: readonly PredictionRow[];
  /** What was detected rather than told, in words. */
  readonly notes: readonly string[];
}

/**
 * Reads a prediction file of any known format from its text.
 *
 * A text of several lines whose first is a JSON object is read line by line, anything else as one JSON list or object.
 *
 * @throws {DataFormatError} with line or record, and field.
 */
export function parsePredictions(text: string, options: ParseOptions = {}): ParsedPredictions {
  const file = options.file ?? 'predictions';
  return interpretRows(looksLikeLines(text) ? linesOf(text, file) : recordsOf(parseJson(text, file), file), options);
}

/** Whether a file (its beginning is enough) holds one JSON object per line. @internal */
export function looksLikeLines(text: string): boolean {
  const end = text.indexOf('\n');
  if (end < 0 || text.slice(end).trim() === '') return false;
  const first = text.slice(0, end).trim();
  // A closed object on the first line with another after it; a pretty-printed file has neither.
  return first.startsWith('{') && first.endsWith('}') && /^\s*\{/.test(text.slice(end));
}

/** @internal */
export function linesOf(text: string, file: string): PlacedValue[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const place = { file, record: `line ${i + 1}` };
    return [{ value: readObject(parseJson(line, file, place.record), place, '(line)'), place }];
  });
}

function recordsOf(json: unknown, file: string): PlacedValue[] {
  const placed = (value: unknown, name: string) => {
    const place = { file, record: name };
    return { value: readObject(value, place, '(record)'), place };
  };
  if (Array.isArray(json)) return json.map((value, i) => placed(value, String(i)));
  const top = readObject(json, { file, record: '(top)' }, '(file)');
  // A file of a single row is the row itself; any other object maps names to rows.
  const isRow = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const single = 'pred_instances' in top || !Object.values(top).every(isRow);
  if (single) return [{ value: top, place: { file, record: '(top)' } }];
  return Object.entries(top).map(([name, value]) => placed(value, name));
}

/** Rows of a known or detected format, checked. @internal */
export function interpretRows(values: readonly PlacedValue[], options: ParseOptions): ParsedPredictions {
  const file = options.file ?? 'predictions';
  const first = values[0];
  if (!first) throw new DataFormatError({ file }, 'no predictions in it; expected at least one row.');
  const format = options.format ?? detectPredictionFormat(first.value, file);
  const notes = options.format ? [] : [`format ${format} (detected)`];
  const { boxFormat } = options;
  const each = (parse: (value: JsonObject, place: Place, boxFormat?: BoxFormat) => PredictionRow) =>
    values.map(({ value, place }) => parse(value, place, boxFormat));
  switch (format) {
    case 'refclip':
      return { format, rows: each(parseRefclipRow), notes };
    case 'per-expression':
      return { format, rows: each(parsePerExpressionRow), notes };
    case 'refer':
      return { format, rows: each(parseReferRow), notes };
    case 'mmdetection':
      return { format, rows: each(parseMmdetectionRow), notes };
    case 'coco':
      return { format, rows: parseCocoRows(values, boxFormat), notes };
    case 'labels':
    case 'annotations':
      throw new UsageError(`${file}: ${format} are read from their file (evaluateFile of @refclip/eval/files).`);
    case 'text': {
      const { rows, note } = parseTextRows(values, options.textScale, options.imageSizes, boxFormat);
      return { format, rows, notes: note ? [...notes, note] : notes };
    }
  }
}
