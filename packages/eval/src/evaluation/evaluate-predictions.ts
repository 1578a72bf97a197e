import { parseRefclipRow } from '../predictions/parse-refclip-row.js';
import type { PredictionRecord } from '../predictions/prediction-record.js';
import { type Evaluation, Evaluator, type EvaluatorOptions } from './evaluator.js';

/**
 * Evaluates predictions that are in memory, by the rules that their file would be evaluated by.
 *
 * @param predictions  each with its truth, unless `options.truth` has it.
 * @throws {DataFormatError} with the place in the list and the field.
 * @example
 * const evaluation = evaluatePredictions([{ id: 0, box: [0, 0, 4, 4], boxFormat: 'xyxy', truth: [0, 0, 4, 5] }]);
 * accuracyAtIou(evaluation.table.ious); // 100
 */
export function evaluatePredictions(
  predictions: Iterable<PredictionRecord>,
  options: EvaluatorOptions = {},
): Evaluation {
  const evaluator = new Evaluator(options);
  const file = options.file ?? 'predictions';
  let place = 0;
  for (const prediction of predictions)
    evaluator.add(parseRefclipRow({ ...prediction }, { file, record: `${place++}` }));
  return evaluator.finish();
}
