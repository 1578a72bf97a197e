import { WholeFile } from '@refclip/furniture';
import { formatPrediction } from '../predictions/format-prediction.js';
import type { PredictionRecord } from '../predictions/prediction-record.js';

/**
 * Writes a prediction file (JSON Lines) row by row. Nothing appears under its name until {@link PredictionWriter.close}.
 *
 * @example
 * const writer = await PredictionWriter.create('predictions-val.jsonl');
 * await writer.write({ id: 0, imageId: 9, split: 'val', expression: 'left cat', box: [1, 2, 30, 40], boxFormat: 'xyxy' });
 * await writer.close();
 */
export class PredictionWriter {
  readonly file: string;
  readonly #whole: WholeFile;

  private constructor(whole: WholeFile) {
    this.file = whole.file;
    this.#whole = whole;
  }

  /** Opens a temporary file beside `file`, whose folder is created. @throws {FileError} when that is impossible. */
  static async create(file: string): Promise<PredictionWriter> {
    return new PredictionWriter(await WholeFile.create(file));
  }

  /** @throws {FileError} when it cannot be written. */
  async write(prediction: PredictionRecord): Promise<void> {
    await this.#whole.write(formatPrediction(prediction));
  }

  /** Puts the finished file in its place. @throws {FileError} when that fails; nothing is left behind then. */
  async close(): Promise<void> {
    await this.#whole.close();
  }

  /** Gives up: the temporary file is removed, an older file of that name stays. */
  async abort(): Promise<void> {
    await this.#whole.abort();
  }
}

/** Writes all predictions of an iterable as one file, atomically. */
export async function writePredictions(
  file: string,
  predictions: Iterable<PredictionRecord> | AsyncIterable<PredictionRecord>,
): Promise<void> {
  const writer = await PredictionWriter.create(file);
  try {
    for await (const prediction of predictions) await writer.write(prediction);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.close();
}
