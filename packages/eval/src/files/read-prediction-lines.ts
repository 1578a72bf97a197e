import type { BoxFormat } from '../boxes/box-format.js';
import { parseJson } from '../predictions/parse-json.js';
import { parseRefclipRow } from '../predictions/parse-refclip-row.js';
import type { PredictionRow } from '../predictions/prediction-row.js';
import { readObject } from '../predictions/read-field.js';
import { readLines } from './read-lines.js';

/**
 * Streams a RefCLIP prediction file (JSON Lines).
 *
 * @param options.boxFormat  for lines that declare none.
 * @param options.onBytes  told how many bytes were read, now and then.
 * @throws {DataFormatError} with line and field; {FileError} when the file cannot be read.
 */
export async function* readPredictionLines(
  file: string,
  options: {
    readonly boxFormat?: BoxFormat | undefined;
    readonly onBytes?: ((bytesRead: number) => void) | undefined;
  } = {},
): AsyncGenerator<PredictionRow> {
  for await (const lines of readLines(file, options.onBytes)) {
    for (const line of lines) {
      const place = { file, record: `line ${line.number}` };
      yield parseRefclipRow(
        readObject(parseJson(line.text, file, place.record), place, '(line)'),
        place,
        options.boxFormat,
      );
    }
  }
}
