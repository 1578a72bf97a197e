export { type EvaluatedFile, evaluateFile } from './files/evaluate-file.js';
export { findImageFiles } from './files/find-image-files.js';
export { loadReportImages, type ReportImageOptions, type ReportImages } from './files/load-report-images.js';
export { loadTruth } from './files/load-truth.js';
export { readPredictionLines } from './files/read-prediction-lines.js';
export { PredictionWriter, writePredictions } from './files/write-predictions.js';
export { type WriteReportOptions, writeReport } from './files/write-report.js';
