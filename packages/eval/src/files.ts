export { readPredictionLines } from './files/read-prediction-lines.js';
export { PredictionWriter, writePredictions } from './files/write-predictions.js';
