import { DataFormatError } from '@refclip/structures';
import type { PredictionRecord } from './prediction-record.js';

/**
 * One prediction as a line of JSON, with its line feed. A coordinate that is not finite is written as `null` and scored wrong on reading.
 *
 * @throws {DataFormatError} when neither or both of `box` and `boxes` are given.
 */
export function formatPrediction(prediction: PredictionRecord): string {
  if ((prediction.box === undefined) === (prediction.boxes === undefined)) {
    const problem = 'expected exactly one of box (null for no answer) and boxes.';
    throw new DataFormatError({ file: 'prediction', record: prediction.id, field: 'box' }, problem);
  }
  return `${JSON.stringify(prediction)}\n`;
}
