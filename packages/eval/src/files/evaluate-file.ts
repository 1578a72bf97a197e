import { open, stat } from 'node:fs/promises';
import { FileError } from '@refclip/structures';
import { type Evaluation, Evaluator, type EvaluatorOptions } from '../evaluation/evaluator.js';
import { detectPredictionFormat, type PredictionFormat } from '../predictions/detect-prediction-format.js';
import { parseJson } from '../predictions/parse-json.js';
import { looksLikeLines, type ParseOptions, parsePredictions } from '../predictions/parse-predictions.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import { readObject } from '../predictions/read-field.js';
import { forEachPredictionLine } from './read-prediction-lines.js';
import { detectTeacherBoxes, readTeacherBoxes, type TeacherBoxes } from './read-teacher-boxes.js';
import { readTextFile } from './read-text-file.js';

/** An evaluated file. */
export interface EvaluatedFile {
  readonly format: PredictionFormat;
  /** What was detected rather than told, in words. */
  readonly notes: readonly string[];
  readonly evaluation: Evaluation;
}

/**
 * Evaluates a prediction file of any known format. RefCLIP's JSON Lines stream, so that a million rows need little memory; other formats
 * are read whole.
 */
export async function evaluateFile(
  file: string,
  options: Omit<EvaluatorOptions, 'file'> &
    Omit<ParseOptions, 'file'> & {
      /** Told how much of a streamed file was read, in bytes. */
      readonly onProgress?: ((done: number, total: number) => void) | undefined;
    } = {},
): Promise<EvaluatedFile> {
  const boxes = await asTeacherBoxes(file, options.format);
  if (boxes) return evaluateTeacherBoxes(await readTeacherBoxes(file, boxes), { ...options, file });
  if (await isStreamed(file, options.format)) {
    const evaluator = new Evaluator({ ...options, file, format: 'refclip' });
    const { boxFormat, onProgress } = options;
    const { size } = await stat(file);
    const onBytes = onProgress && ((bytes: number) => onProgress(bytes, size));
    await forEachPredictionLine(file, { boxFormat, onBytes }, (row) => evaluator.add(row));
    const notes = options.format ? [] : ['format refclip (detected)'];
    const evaluation = evaluator.finish();
    return { format: 'refclip', notes: [...notes, ...evaluation.notes], evaluation };
  }
  const { format, rows, notes } = parsePredictions(await readTextFile(file), { ...options, file });
  const evaluator = new Evaluator({ ...options, file, format });
  for (const row of rows) evaluator.add(row);
  const evaluation = evaluator.finish();
  return { format, notes: [...notes, ...evaluation.notes], evaluation };
}

/** Which boxes of a teacher a file holds; undefined for a prediction file. */
async function asTeacherBoxes(file: string, format: PredictionFormat | undefined) {
  if (format === 'labels' || format === 'annotations') return format;
  return format === undefined ? await detectTeacherBoxes(file) : undefined;
}

/** Scores boxes of a teacher. Splits that the truth lacks are left out, and those that hold the truth itself: exports carry them along for evaluation. */
function evaluateTeacherBoxes(
  { format, rows, notes, firstRecords }: TeacherBoxes,
  options: EvaluatorOptions,
): EvaluatedFile {
  const { truth, split: wanted } = options;
  const known = new Set(truth?.expressions.map(({ split }) => split));
  const isKnown = ({ split = '' }: PredictionRow) => !truth || wanted !== undefined || known.has(split);
  const judged = rows.filter(isKnown);
  const evaluate = (some: readonly PredictionRow[]) => {
    const evaluator = new Evaluator({ ...options, format, firstRecords });
    for (const row of some) evaluator.add(row);
    return evaluator.finish();
  };
  const all = [...notes, ...(options.format ? [] : [`format ${format} (detected)`])];
  const foreign = [...new Set(rows.filter((row) => !isKnown(row)).map(({ split }) => split))];
  if (foreign.length > 0) all.push(`the splits ${foreign.join(', ')} are not in ${truth?.file}: left out`);
  let evaluation = evaluate(judged);
  const copied = wanted === undefined && format === 'annotations' ? copiedSplits(evaluation) : new Set<string>();
  if (copied.size > 0) {
    evaluation = evaluate(judged.filter(({ split = '' }) => !copied.has(split)));
    all.push(`the splits ${[...copied].join(', ')} hold the annotated boxes themselves: left out (--split scores one)`);
  }
  return { format, notes: [...all, ...evaluation.notes], evaluation };
}

/** Splits whose boxes are all those of the truth, unless all splits are so. */
function copiedSplits({ table }: Evaluation): ReadonlySet<string> {
  const [copied, others] = [new Set<string>(), new Set<string>()];
  table.splitNumbers.forEach((split, row) => {
    (table.ious[row]! > 1 - 1e-4 ? copied : others).add(table.splits.at(split)!);
  });
  for (const split of others) copied.delete(split);
  return others.size > 0 ? copied : new Set();
}

/** Whether a file is RefCLIP's JSON Lines, seen from its first 256 KiB. */
async function isStreamed(file: string, format: PredictionFormat | undefined): Promise<boolean> {
  if (format !== undefined && format !== 'refclip') return false;
  const named = /\.(jsonl|ndjson)$/i.test(file);
  let text: string;
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(1 << 18) });
      text = buffer.toString('utf8', 0, bytesRead).replace(/^\ufeff/, '');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new FileError(file, `cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (!named && !looksLikeLines(text)) return false;
  if (format === 'refclip') return true;
  const line = text.split('\n').find((candidate) => candidate.trim() !== '');
  if (line === undefined) return false;
  const place = { file, record: 'line 1' };
  return detectPredictionFormat(readObject(parseJson(line, file, 'line 1'), place, '(line)'), file) === 'refclip';
}
