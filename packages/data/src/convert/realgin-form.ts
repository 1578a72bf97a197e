import { stringify } from 'csv-stringify/sync';
import type { AnnotationForm } from './annotation-form.js';
import { type RawBox, xywhToRawBox } from './box-convention.js';
import { readCsvRows, rowsPerPiece } from './csv-form.js';
import { formatPythonLiteral } from './format-python-literal.js';
import { nameImage } from './name-image.js';
import { parsePythonLiteral } from './parse-python-literal.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';

/**
 * CSV `img_id,bbox,query` of RealGIN's first release (ZSGNet's data code): `bbox` is a Python list `[x1, y1, x2, y2]` in pixels, `query` a text
 * or, in `train.csv`, a Python list of texts.
 *
 * Its readers decide by the split or by the first row whether queries are lists, and then take every row so. Written are lists in every row of training
 * splits, and a row per expression in the others.
 */
export const realginForm: AnnotationForm = {
  description: 'CSV img_id,bbox,query with Python lists (RealGIN, ZSGNet); one split per file',
  boxes: () => 'xyxy',
  holdsSplits: false,
  needsBoxes: true,
  read: readRealgin,
  *write(splits, { imageName, boxes }) {
    let rows: string[][] = [['img_id', 'bbox', 'query']];
    for (const [split, records] of splits) {
      for (const { image, box, expressions, size } of records) {
        const numbers = box ? formatPythonLiteral([...xywhToRawBox(box, boxes, size)]) : '';
        const queries = split.startsWith('train') ? [formatPythonLiteral(expressions)] : expressions;
        for (const query of queries) rows.push([imageName(image), numbers, query]);
        if (rows.length < rowsPerPiece) continue;
        yield stringify(rows);
        rows = [];
      }
    }
    yield stringify(rows);
  },
};

function readRealgin(bytes: Uint8Array, { file, split }: ReadContext): PendingRecord[] {
  const problems = new ProblemList(file);
  const records: PendingRecord[] = [];
  for (const { line, cells } of readCsvRows(bytes, file, ['img_id', 'bbox', 'query'])) {
    const at = `line ${line}`;
    const image = cells.img_id?.trim() ?? '';
    if (image === '') problems.add(at, 'img_id', 'is empty');
    records.push({
      at,
      split,
      ...nameImage(/^\d{1,12}$/.test(image) ? Number(image) : image),
      expressions: parseQuery(cells.query ?? '', at, problems),
      rawBox: parseBox(cells.bbox ?? '', at, problems),
    });
  }
  problems.throwIfAny();
  return records;
}

function parseBox(text: string, at: string, problems: ProblemList): RawBox | undefined {
  if (text.trim() === '') return undefined;
  try {
    const value = parsePythonLiteral(text);
    if (Array.isArray(value) && value.length === 4 && value.every(Number.isFinite)) return value as unknown as RawBox;
    problems.add(at, 'bbox', `expected four numbers, got ${text.slice(0, 60)}`);
  } catch (error) {
    problems.add(at, 'bbox', (error as Error).message);
  }
  return undefined;
}

/** A text, unless it is a Python list of texts. A text that merely begins with a bracket stays a text. */
function parseQuery(text: string, at: string, problems: ProblemList): string[] {
  if (!/^\s*\[\s*u?['"\]]/.test(text)) return [text];
  try {
    const value = parsePythonLiteral(text);
    if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'))
      return value as string[];
    problems.add(at, 'query', `expected a text or a list of texts, got ${text.slice(0, 60)}`);
  } catch (error) {
    problems.add(at, 'query', (error as Error).message);
  }
  return [];
}
