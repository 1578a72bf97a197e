// boxes

export type { BoxArray } from './boxes/box-array.js';
export { type BoxFormat, boxFormats, type FourNumbers, fromXyxy, toXyxy } from './boxes/box-format.js';
export { matchedIou } from './boxes/matched-iou.js';
export { pairwiseIou } from './boxes/pairwise-iou.js';
// metrics
export { AccuracyAccumulator, type AccuracyOptions, type AccuracyResult } from './metrics/accuracy-accumulator.js';
export { cocoThresholds } from './metrics/coco-thresholds.js';
export type { Comparator } from './metrics/comparator.js';
// prediction files
export { formatPrediction } from './predictions/format-prediction.js';
export { imageKey } from './predictions/image-key.js';
export type { PredictionRecord, RunLengthMask } from './predictions/prediction-record.js';
export type { PredictionRow } from './predictions/prediction-row.js';
