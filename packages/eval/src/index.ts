// boxes

export type { BoxArray } from './boxes/box-array.js';
export { type BoxFormat, boxFormats, type FourNumbers, fromXyxy, toXyxy } from './boxes/box-format.js';
export { matchedIou } from './boxes/matched-iou.js';
export { pairwiseIou } from './boxes/pairwise-iou.js';
// metrics
export { AccuracyAccumulator, type AccuracyOptions, type AccuracyResult } from './metrics/accuracy-accumulator.js';
export { type AccuracyAtIouOptions, accuracyAtIou } from './metrics/accuracy-at-iou.js';
export { averageByGroup, type GroupAverage, type GroupAverages } from './metrics/average-by-group.js';
export { centerAccuracy } from './metrics/center-accuracy.js';
export { cocoThresholds } from './metrics/coco-thresholds.js';
export type { Comparator } from './metrics/comparator.js';
export { type Calibration, computeCalibration, type ReliabilityBin } from './metrics/compute-calibration.js';
export { GeneralizedAccumulator, type GeneralizedResult } from './metrics/generalized-accumulator.js';
export { MaskAccumulator, type MaskOptions, type MaskResult } from './metrics/mask-accumulator.js';
export { type MaskOverlap, maskOverlap } from './metrics/mask-overlap.js';
export { type BoxSetMatch, matchBoxSets } from './metrics/match-box-sets.js';
export { meanIou } from './metrics/mean-iou.js';
export { runLengthOverlap } from './metrics/run-length-overlap.js';
export { type TopKAccuracyOptions, topKAccuracy } from './metrics/top-k-accuracy.js';
// prediction files
export { formatPrediction } from './predictions/format-prediction.js';
export { imageKey } from './predictions/image-key.js';
export type { PredictionRecord, RunLengthMask } from './predictions/prediction-record.js';
export type { PredictionRow } from './predictions/prediction-row.js';
// statistics
export { type BootstrapOptions, bootstrapMean, type Interval } from './statistics/bootstrap-mean.js';
export { type McnemarResult, mcnemarTest } from './statistics/mcnemar-test.js';
export { type PairedInterval, pairedBootstrap } from './statistics/paired-bootstrap.js';
export { type SeedSummary, summarizeSeeds } from './statistics/summarize-seeds.js';
