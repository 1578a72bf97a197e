import { join } from 'node:path';
import { writePieces } from '@refclip/formats';
import { xywhToXyxy } from '@refclip/structures';
import { allRecords } from '../convert/annotation-form.js';
import type { AnnotationFormName } from '../convert/annotation-forms.js';
import { readAnnotations } from '../convert/read-annotations.js';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { writeAnnotations } from '../convert/write-annotations.js';
import { assertReadsBack } from './assert-reads-back.js';
import type { LabeledRecord } from './labeled-splits.js';
import { type StudentFiles, type StudentOptions, type StudentSet, wordSplit } from './student-set.js';
import { writeSimrec } from './write-simrec.js';

/** TransVG's lists, one file per split: `<name>/<name>_<split>.pth`. Edges are whole pixels. */
export async function writeTransvg(
  directory: string,
  set: StudentSet,
  { transvgName: name }: StudentOptions,
): Promise<StudentFiles> {
  const { splits, notes } = boxedSplits(set);
  const pattern = join(directory, name, `${name}_{split}.pth`);
  const files = await writeForm('transvg', pattern, splits, set, 0.5);
  return { files, notes };
}

/** RealGIN's CSV files, one per split, and SimREC's JSON, which the laboratory's later RealGIN reads. */
export async function writeRealgin(directory: string, set: StudentSet, options: StudentOptions): Promise<StudentFiles> {
  const { splits, notes } = boxedSplits(set);
  const files = await writeForm('realgin', join(directory, 'csv', '{split}.csv'), splits, set, 0);
  const later = await writeSimrec(directory, set, { ...options, masks: false });
  return { files: [...files, ...later.files], notes: [...notes, ...later.notes] };
}

/** ODVG lines of the labelled split as MM-Grounding-DINO trains from them: one for each expression. */
export async function writeOdvg(directory: string, set: StudentSet): Promise<StudentFiles> {
  const pattern = join(directory, `${set.name}_{split}.jsonl`);
  return { files: await writeForm('odvg-grounding', pattern, labelledSplit(set), set, 0), notes: [] };
}

/** Lines of the labelled split with all that the teacher said: `box` is xyxy in image pixels. */
export async function writeJsonl(directory: string, set: StudentSet): Promise<StudentFiles> {
  const { name, split, imageName } = set;
  const file = join(directory, `${name}_${split}.jsonl`);
  const splits = labelledSplit(set);
  await writePieces(file, labelLines(splits.get(split) ?? [], split, imageName));
  const back = await readAnnotations(file, { form: 'jsonl' });
  assertReadsBack(file, comparable(splits, imageName), [...allRecords(back.splits)], 0);
  return { files: [file], notes: [] };
}

function* labelLines(
  records: readonly (ReferringRecord | LabeledRecord)[],
  split: string,
  imageName: StudentSet['imageName'],
): Generator<string> {
  for (const record of records) {
    if (!('label' in record) || !record.box) continue;
    const { image, box, expressions, category, maskId, size, label } = record;
    const { similarity, margin, objectness, rank, agreement } = label;
    yield `${JSON.stringify({
      image: imageName(image),
      ...(expressions.length === 1 ? { expression: expressions[0] } : { expressions }),
      box: xywhToXyxy(box).map((value) => Math.round(value * 1e4) / 1e4),
      boxFormat: 'xyxy',
      split,
      category,
      ...(maskId === undefined ? {} : { mask: maskId }),
      ...size,
      similarity,
      margin,
      objectness,
      rank,
      agreement: agreement === null ? null : Math.round(agreement * 1e6) / 1e6,
    })}\n`;
  }
}

/** Writes a form with one split per file and reads every file again. */
async function writeForm(
  form: AnnotationFormName,
  pattern: string,
  splits: SplitRecords,
  { imageName, imageSize }: StudentSet,
  tolerance: number,
): Promise<string[]> {
  const files: string[] = [];
  for (const [split, records] of splits) {
    const file = pattern.replaceAll('{split}', split);
    const part = new Map([[split, records]]);
    await writeAnnotations(file, part, { form, imageName, imageSize });
    const boxes = form === 'transvg' ? (/(referit|flickr)_[^/]*$/.test(file) ? 'xyxy' : 'xywh') : undefined;
    const back = await readAnnotations(file, { form, split, boxes });
    const wanted = comparable(part, imageName);
    // RealGIN has a list of expressions where one trains, every other form a row per expression.
    const flat = form !== 'realgin' || !split.startsWith('train');
    const rows = flat ? wanted.flatMap(rowPerExpression) : wanted;
    assertReadsBack(file, rows, [...allRecords(back.splits)], tolerance);
    files.push(file);
  }
  return files;
}

function comparable(splits: SplitRecords, imageName: StudentSet['imageName']): ReferringRecord[] {
  return [...allRecords(splits)].map((record) => ({ ...record, image: imageName(record.image) }));
}

function rowPerExpression(record: ReferringRecord): ReferringRecord[] {
  return record.expressions.map((expression) => ({ ...record, expressions: [expression] }));
}

function labelledSplit({ split, splits }: StudentSet): SplitRecords {
  return new Map([[split, splits.get(split) ?? []]]);
}

/** Splits whose records all have a box: forms for training need one in each. */
export function boxedSplits({ splits }: StudentSet): { readonly splits: SplitRecords; readonly notes: string[] } {
  const notes: string[] = [];
  const boxed = new Map<string, readonly ReferringRecord[]>();
  for (const [split, records] of splits) {
    if (split === wordSplit) continue;
    if (records.every(({ box }) => box)) boxed.set(split, records);
    else notes.push(`The split ${split} has records without a box and is left out.`);
  }
  return { splits: boxed, notes };
}
