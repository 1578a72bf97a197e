import { AccuracyAccumulator } from '../metrics/accuracy-accumulator.js';
import { accuracyAtIou } from '../metrics/accuracy-at-iou.js';
import { averageByGroup } from '../metrics/average-by-group.js';
import { cocoThresholds } from '../metrics/coco-thresholds.js';
import { type Comparator, passes } from '../metrics/comparator.js';
import { type Calibration, computeCalibration } from '../metrics/compute-calibration.js';
import { type BootstrapOptions, bootstrapMean, type Interval } from '../statistics/bootstrap-mean.js';
import { type Breakdown, breakDown } from './break-down.js';
import type { Evaluation } from './evaluator.js';

/** How an evaluation is summed up. */
export interface SummaryOptions extends BootstrapOptions {
  /** Default 0.5 alone; the interval, breakdowns and calibration are of the first. */
  readonly thresholds?: readonly number[] | undefined;
  /** Default `'>'`. */
  readonly comparator?: Comparator | undefined;
}

/** The figures of one prediction file. Accuracies are percent, IoUs in [0, 1]; a figure that nothing says is absent. */
export interface EvaluationSummary {
  readonly count: number;
  /** Threshold → percent. */
  readonly accuracy: Readonly<Record<string, number>>;
  readonly meanIou: number;
  /** Of the accuracy at the first threshold, percent, resampled by what `resampledBy` says. */
  readonly interval: Interval;
  /** `expression` where no image is known, so that expressions are taken for independent. */
  readonly resampledBy: 'image' | 'expression';
  readonly comparator: Comparator;
  /** Mean of the accuracies at 0.5, 0.55, …, 0.95. */
  readonly averageAccuracy: number;
  readonly centerAccuracy: number;
  /** Mean over images of their accuracy; absent where no image is known. */
  readonly perImageAccuracy?: number | undefined;
  /** Mean over categories of their accuracy. */
  readonly perCategoryAccuracy?: number | undefined;
  /** k → percent with a right box among the first k; when predictions have several boxes. */
  readonly topK?: Readonly<Record<string, number>> | undefined;
  readonly calibration?: Calibration | undefined;
  readonly generalized?: Evaluation['generalized'];
  readonly masks?: Evaluation['masks'];
  readonly problems: Evaluation['problems'];
  readonly degenerateTruths: number;
  readonly excluded: number;
  readonly otherSplits: number;
  /** Expressions without a box in the truth, left out. */
  readonly unannotated: number;
  readonly recorded?: Evaluation['recorded'];
  readonly breakdowns: readonly Breakdown[];
}

/** Of the headline's bootstrap; `interval.resamples` says how often the images were resampled. */
const mostDraws = 1e8;

/** All figures of an evaluation. */
export function summarizeEvaluation(evaluation: Evaluation, options: SummaryOptions = {}): EvaluationSummary {
  const { thresholds = [0.5], comparator = '>' } = options;
  const { table } = evaluation;
  const { ious, imageNumbers, confidences } = table;
  const accumulator = new AccuracyAccumulator({ thresholds, comparator });
  accumulator.addAll(ious);
  const average = new AccuracyAccumulator({ thresholds: cocoThresholds, comparator });
  average.addAll(ious);
  const threshold = thresholds[0]!;
  const right = ious.map((iou) => (passes(iou, threshold, comparator) ? 100 : 0));
  const categories = [...table.categories].some((name) => name !== '')
    ? averageByGroup(right, table.categoryNumbers).macroAverage
    : undefined;
  const at = (best: Float64Array) => accuracyAtIou(best, { threshold, comparator });
  const { count, accuracy, meanIou } = accumulator.result();
  const confident = confidences.filter(inUnit);
  return {
    count,
    accuracy,
    meanIou,
    interval: bootstrapMean(right, { mostDraws, ...options, clusters: imageNumbers }),
    resampledBy: evaluation.knowsImages ? 'image' : 'expression',
    comparator,
    averageAccuracy: average.result().averageAccuracy,
    centerAccuracy: (100 * table.centered.reduce((sum, one) => sum + one, 0)) / count,
    perImageAccuracy: evaluation.knowsImages ? averageByGroup(right, imageNumbers).macroAverage : undefined,
    perCategoryAccuracy: categories,
    topK: table.mostBoxes > 1 ? { 1: at(ious), 5: at(table.bestOf5), 10: at(table.bestOf10) } : undefined,
    calibration:
      confident.length > 0
        ? computeCalibration(
            confident,
            right.filter((_, i) => inUnit(confidences[i]!)),
          )
        : undefined,
    generalized: evaluation.generalized,
    masks: evaluation.masks,
    problems: evaluation.problems,
    degenerateTruths: evaluation.degenerateTruths,
    excluded: evaluation.excluded,
    otherSplits: evaluation.otherSplits,
    unannotated: evaluation.unannotated,
    recorded: evaluation.recorded,
    breakdowns: breakDown(table, right),
  };
}

const inUnit = (value: number) => value >= 0 && value <= 1;
