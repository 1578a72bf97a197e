import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileError } from '@refclip/structures';
import { formatPrediction } from '../predictions/format-prediction.js';
import type { PredictionRecord } from '../predictions/prediction-record.js';

const bufferedCharacters = 1 << 18;

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
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #pending = '';

  private constructor(file: string, temporary: string, handle: FileHandle) {
    this.file = file;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** Opens a temporary file beside `file`, whose folder is created. @throws {FileError} when that is impossible. */
  static async create(file: string): Promise<PredictionWriter> {
    const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
    try {
      await mkdir(dirname(file), { recursive: true });
      return new PredictionWriter(file, temporary, await open(temporary, 'wx'));
    } catch (cause) {
      throw new FileError(file, `cannot be written: ${(cause as Error).message}`, { cause });
    }
  }

  async write(prediction: PredictionRecord): Promise<void> {
    this.#pending += formatPrediction(prediction);
    if (this.#pending.length >= bufferedCharacters) await this.#flush();
  }

  /** Puts the finished file in its place. */
  async close(): Promise<void> {
    await this.#flush();
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporary, this.file);
  }

  /** Gives up: the temporary file is removed, an older file of that name stays. */
  async abort(): Promise<void> {
    await this.#handle.close();
    await rm(this.#temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text) await this.#handle.appendFile(text);
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
