export { type EvaluatedFile, evaluateFile } from './files/evaluate-file.js';
export { loadTruth } from './files/load-truth.js';
export { readPredictionLines } from './files/read-prediction-lines.js';
export { PredictionWriter, writePredictions } from './files/write-predictions.js';
