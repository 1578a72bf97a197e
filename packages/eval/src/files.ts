export type { CliStreams } from './cli/cli-streams.js';
export { runCli } from './cli/run-cli.js';
export { type EvaluatedFile, evaluateFile } from './files/evaluate-file.js';
export { findImageFiles, type ImageFiles } from './files/find-image-files.js';
export type { ReportImageOptions, ReportImages } from './files/load-report-images.js';
export { loadTruth } from './files/load-truth.js';
export { readPredictionLines } from './files/read-prediction-lines.js';
export { PredictionWriter, writePredictions } from './files/write-predictions.js';
export { type WriteReportOptions, writeReport } from './files/write-report.js';
