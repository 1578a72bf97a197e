export type { BoxArray } from './boxes/box-array.js';
export { type BoxFormat, boxFormats, type FourNumbers, fromXyxy, toXyxy } from './boxes/box-format.js';
export { matchedIou } from './boxes/matched-iou.js';
export { pairwiseIou } from './boxes/pairwise-iou.js';
export { type AttachedTruth, attachTruth } from './evaluation/attach-truth.js';
export { type Breakdown, type BreakdownRow, breakDown } from './evaluation/break-down.js';
export type { CaseStatus } from './evaluation/case-status.js';
export { CaseTable } from './evaluation/case-table.js';
export { type Comparison, compareEvaluations } from './evaluation/compare-evaluations.js';
export { evaluatePredictions } from './evaluation/evaluate-predictions.js';
export type { EvaluationCase } from './evaluation/evaluation-case.js';
export { type Evaluation, Evaluator, type EvaluatorOptions } from './evaluation/evaluator.js';
export type { ExcludeBy } from './evaluation/exclusions.js';
export type { RecordedSummary } from './evaluation/recorded-iou-check.js';
export { type EvaluationSummary, type SummaryOptions, summarizeEvaluation } from './evaluation/summarize-evaluation.js';
export { type JoinRule, joinRules } from './evaluation/truth-join.js';
export { describeExpression, type ExpressionTraits } from './expressions/describe-expression.js';
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
export {
  detectPredictionFormat,
  type PredictionFormat,
  predictionFormats,
} from './predictions/detect-prediction-format.js';
export { findBoxesInText, type TextBoxes } from './predictions/find-boxes-in-text.js';
export { formatPrediction } from './predictions/format-prediction.js';
export {
  type FormattedPredictions,
  formatPredictions,
  type WritableFormat,
  writableFormats,
} from './predictions/format-predictions.js';
export { type ParsedPredictions, type ParseOptions, parsePredictions } from './predictions/parse-predictions.js';
export type { TextScale } from './predictions/parse-text-rows.js';
export type { PredictionRecord, RunLengthMask } from './predictions/prediction-record.js';
export type { PredictionRow } from './predictions/prediction-row.js';
export type { AccuracyCurve } from './report/compute-accuracy-curve.js';
export { createReport, type NamedEvaluation, type ReportOptions } from './report/create-report.js';
export type { GalleryAnswer, GalleryCase, ReportImage, Verdict } from './report/gallery-case.js';
export type { ChartSeries, LineChart } from './report/line-chart.js';
export { renderReport } from './report/render-report.js';
export type {
  ReportComparison,
  ReportContent,
  ReportEntry,
  ReportSection,
  ReportTable,
} from './report/report-content.js';
export { type BootstrapOptions, bootstrapMean, type Interval } from './statistics/bootstrap-mean.js';
export { type McnemarResult, mcnemarTest } from './statistics/mcnemar-test.js';
export { type PairedInterval, pairedBootstrap } from './statistics/paired-bootstrap.js';
export { type SeedSummary, summarizeSeeds } from './statistics/summarize-seeds.js';
export { parseExclusions } from './truth/parse-exclusions.js';
export { type Instances, parseInstances } from './truth/parse-instances.js';
export { parseReferTruth } from './truth/parse-refer-truth.js';
export { parseSimrecTruth, type TruthOptions } from './truth/parse-simrec-truth.js';
export type { TruthExpression, TruthSet } from './truth/truth-set.js';
