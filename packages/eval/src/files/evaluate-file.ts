import { open, stat } from 'node:fs/promises';
import { FileError } from '@refclip/structures';
import { type Evaluation, Evaluator, type EvaluatorOptions } from '../evaluation/evaluator.js';
import { detectPredictionFormat, type PredictionFormat } from '../predictions/detect-prediction-format.js';
import { parseJson } from '../predictions/parse-json.js';
import { looksLikeLines, type ParseOptions, parsePredictions } from '../predictions/parse-predictions.js';
import { readObject } from '../predictions/read-field.js';
import { forEachPredictionLine } from './read-prediction-lines.js';
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
