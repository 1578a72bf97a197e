import type { BoxFormat } from '../boxes/box-format.js';
import { parseJson } from '../predictions/parse-json.js';
import { parseRefclipRow } from '../predictions/parse-refclip-row.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import { readObject } from '../predictions/read-field.js';
import { type Line, readLines } from './read-lines.js';

/** How lines are read. */
export interface PredictionLineOptions {
  /** For lines that declare none. */
  readonly boxFormat?: BoxFormat | undefined;
  /** Told how many bytes were read, now and then. */
  readonly onBytes?: ((bytesRead: number) => void) | undefined;
}

/**
 * Hands every row of a RefCLIP prediction file (JSON Lines) to a function, without the wait for each
 * that {@link readPredictionLines} costs.
 *
 * @throws {DataFormatError} with line and field; {FileError} when the file cannot be read.
 */
export async function forEachPredictionLine(
  file: string,
  { boxFormat, onBytes }: PredictionLineOptions,
  visit: (row: PredictionRow) => void,
): Promise<void> {
  for await (const lines of readLines(file, onBytes)) {
    for (const line of lines) visit(parseLine(line, file, boxFormat));
  }
}

/**
 * Streams a RefCLIP prediction file (JSON Lines).
 *
 * @throws {DataFormatError} with line and field; {FileError} when the file cannot be read.
 */
export async function* readPredictionLines(
  file: string,
  { boxFormat, onBytes }: PredictionLineOptions = {},
): AsyncGenerator<PredictionRow> {
  for await (const lines of readLines(file, onBytes)) {
    for (const line of lines) yield parseLine(line, file, boxFormat);
  }
}

function parseLine({ number, text }: Line, file: string, boxFormat: BoxFormat | undefined): PredictionRow {
  const place = { file, record: `line ${number}` };
  return parseRefclipRow(readObject(parseJson(text, file, place.record), place, '(line)'), place, boxFormat);
}
