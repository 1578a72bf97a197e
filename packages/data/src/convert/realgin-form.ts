import { stringify } from 'csv-stringify/sync';
import { type AnnotationForm, allRecords } from './annotation-form.js';
import { type RawBox, xywhToRawBox } from './box-convention.js';
import { readCsvRows } from './csv-form.js';
import { formatPythonLiteral } from './format-python-literal.js';
import { imageIdOfName } from './image-id-of-name.js';
import { parsePythonLiteral } from './parse-python-literal.js';
import type { PendingRecord, ReadContext } from './pending-record.js';
import { ProblemList } from './problem-list.js';

/**
 * CSV `img_id,bbox,query` of RealGIN's first release (ZSGNet's data code): `bbox` is a Python list `[x1, y1, x2, y2]` in pixels, `query` a text
 * or, in `train.csv`, a Python list of texts. Written with a list where a record has several expressions.
 */
export const realginForm: AnnotationForm = {
  description: 'CSV img_id,bbox,query with Python lists (RealGIN, ZSGNet); one split per file',
  boxes: () => 'xyxy',
  holdsSplits: false,
  needsBoxes: true,
  read: readRealgin,
  *write(splits, { imageName, boxes }) {
    const rows: string[][] = [['img_id', 'bbox', 'query']];
    for (const { image, box, expressions, size } of allRecords(splits)) {
      const numbers = box ? formatPythonLiteral([...xywhToRawBox(box, boxes, size)]) : '';
      rows.push([
        imageName(image),
        numbers,
        expressions.length === 1 ? (expressions[0] as string) : formatPythonLiteral(expressions),
      ]);
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
      image: /^\d{1,12}$/.test(image) ? Number(image) : imageIdOfName(image),
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
