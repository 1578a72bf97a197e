import { DataFormatError } from '@refclip/structures';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { AnnotationForm, WriteContext } from './annotation-form.js';
import { type BoxConvention, boxConventions, type RawBox, xywhToRawBox } from './box-convention.js';
import { decodeText } from './decode-text.js';
import { isPrintedList, isPrintedObject, misnamedFields } from './misnamed-fields.js';
import { nameOwnImage } from './name-image.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';
import type { SplitRecords } from './referring-dataset.js';

/** Columns that hold a box, and how they say it is written. */
const boxColumns = [
  { columns: ['x', 'y', 'w', 'h'], convention: 'xywh' },
  { columns: ['x', 'y', 'width', 'height'], convention: 'xywh' },
  { columns: ['x1', 'y1', 'x2', 'y2'], convention: 'xyxy' },
  { columns: ['xmin', 'ymin', 'xmax', 'ymax'], convention: 'xyxy' },
] as const satisfies { columns: readonly string[]; convention: BoxConvention }[];

/** So many rows become text at once. */
export const rowsPerPiece = 4096;

/** One row of a table with its line in the file; cells by column name. */
export interface CsvRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** CSV with the columns `image, expression[, box | x1, y1, x2, y2 | x, y, w, h][, split][, ref]`: one's own pairs. */
export const csvForm: AnnotationForm = {
  description:
    "one's own pairs: columns image, expression[, box or x1, y1, x2, y2 or x, y, w, h][, box_format][, split][, ref]",
  boxes: () => undefined,
  holdsSplits: true,
  read: readCsv,
  *write(splits, context) {
    yield stringify([
      ['image', 'expression', 'box', 'box_format', 'split', 'ref', 'category', 'mask', 'image_width', 'image_height'],
    ]);
    yield* toLines(splits, context);
  },
};

/**
 * Rows of a table with a header line; quotes as RFC 4180 has them, comma, semicolon or tab between cells.
 *
 * @throws {DataFormatError} naming the line of the first thing that is no CSV, or when a column is missing.
 */
export function readCsvRows(bytes: Uint8Array, file: string, required: readonly string[]): CsvRow[] {
  const text = decodeText(bytes, file);
  const header = text.slice(0, text.search(/[\r\n]|$/));
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, {
      delimiter: header.includes('\t') ? '\t' : header.includes(';') && !header.includes(',') ? ';' : ',',
      info: true,
      skip_empty_lines: true,
      max_record_size: 1 << 20,
    }) as unknown as { record: string[]; info: { lines: number } }[];
  } catch (cause) {
    const { lines, message } = cause as Error & { lines?: number };
    throw new DataFormatError(
      { file, record: lines === undefined ? undefined : `line ${lines}` },
      `is not CSV: ${message}`,
      { cause },
    );
  }
  const names = (rows[0]?.record ?? []).map((name) => name.trim());
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const got = names.length > 0 ? names.join(', ') : 'nothing';
    throw new DataFormatError(
      { file, record: 'line 1' },
      `the header has no column ${missing.join(', ')}; got ${got}.`,
    );
  }
  return rows.slice(1).map(({ record, info }) => ({
    line: info.lines,
    cells: Object.fromEntries(names.map((name, i) => [name, record[i] ?? ''])),
  }));
}

function readCsv(bytes: Uint8Array, { file, split }: ReadContext): PendingRecord[] {
  const problems = new ProblemList(file);
  const rows = readCsvRows(bytes, file, ['image', 'expression']);
  const named = boxColumns.find(({ columns }) => columns.every((name) => rows[0] && name in rows[0].cells));
  const names = Object.keys(rows[0]?.cells ?? {});
  const read = { box: named !== undefined || names.includes('box'), split: names.includes('split') };
  const boxNames = `box, or ${boxColumns.map(({ columns }) => columns.join(', ')).join('; ')}`;
  for (const [field, problem] of misnamedFields(names, read, boxNames)) problems.add('line 1', field, problem);
  const records: PendingRecord[] = [];
  let group: { key: string; expressions: string[] } | undefined;
  for (const { line, cells } of rows) {
    const at = `line ${line}`;
    const image = cells.image?.trim() ?? '';
    if (image === '') problems.add(at, 'image', 'is empty; expected a file name');
    if (isPrintedObject(image))
      problems.add(at, 'image', `expected a file name, got an object: ${image.slice(0, 60)}. Write its path alone`);
    if (isPrintedList(cells.expression ?? '')) {
      const problem = `expected one text, got a list: ${cells.expression?.slice(0, 60)}. Write a row for each, with the same number in a column ref`;
      problems.add(at, 'expression', problem);
    }
    const key = cells.ref ? `${cells.ref}\n${cells.split}\n${image}` : '';
    if (group && key !== '' && group.key === key) {
      group.expressions.push(cells.expression ?? '');
      continue;
    }
    const expressions = [cells.expression ?? ''];
    group = key === '' ? undefined : { key, expressions };
    const numbers = named ? named.columns.map((name) => cells[name] ?? '') : splitBox(cells.box ?? '');
    const format = cells.box_format?.trim();
    if (format && !(boxConventions as readonly string[]).includes(format)) {
      problems.add(at, 'box_format', `"${format}" is none of ${boxConventions.join(', ')}`);
    }
    records.push({
      at,
      split: cells.split?.trim() || split,
      ...nameOwnImage(image),
      expressions,
      rawBox: parseBox(numbers, at, problems),
      boxConvention: (format as BoxConvention | undefined) || named?.convention,
      category: parseWhole(cells.category, at, 'category', problems),
      maskId: cells.mask && /^\d{1,15}$/.test(cells.mask) ? Number(cells.mask) : cells.mask || undefined,
      size: parseSize(cells, at, problems),
    });
  }
  problems.throwIfAny();
  return records;
}

/** `[1, 2, 3, 4]`, `(1 2 3 4)`, `1;2;3;4` → the four texts; nothing for an empty cell. */
function splitBox(cell: string): string[] {
  const inner = cell
    .trim()
    .replace(/^[[(]|[\])]$/g, '')
    .trim();
  return inner === '' ? [] : inner.split(/[\s,;]+/);
}

function parseBox(texts: readonly string[], at: string, problems: ProblemList): RawBox | undefined {
  if (texts.every((text) => text.trim() === '')) return undefined;
  const numbers = texts.map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (numbers.length === 4 && numbers.every(Number.isFinite)) return numbers as unknown as RawBox;
  problems.add(at, 'box', `expected four numbers, got "${texts.join(' ').slice(0, 60)}"`);
  return undefined;
}

function parseWhole(text: string | undefined, at: string, field: string, problems: ProblemList): number | undefined {
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  problems.add(at, field, `expected a whole number, got "${text.slice(0, 40)}"`);
  return undefined;
}

function parseSize(cells: CsvRow['cells'], at: string, problems: ProblemList) {
  const width = parseWhole(cells.image_width, at, 'image_width', problems);
  const height = parseWhole(cells.image_height, at, 'image_height', problems);
  return width && height ? { width, height } : undefined;
}

function* toLines(splits: SplitRecords, { imageName, boxes }: WriteContext): Generator<string> {
  let rows: (string | number)[][] = [];
  let ref = 0;
  for (const [split, records] of splits) {
    for (const record of records) {
      const { box, size } = record;
      const cells = [
        box ? xywhToRawBox(box, boxes, size).join(' ') : '',
        box ? boxes : '',
        split,
        ref++,
        record.category ?? '',
        record.maskId ?? '',
        size?.width ?? '',
        size?.height ?? '',
      ];
      for (const expression of record.expressions) rows.push([imageName(record.image), expression, ...cells]);
      if (rows.length < rowsPerPiece) continue;
      yield stringify(rows);
      rows = [];
    }
  }
  if (rows.length > 0) yield stringify(rows);
}
