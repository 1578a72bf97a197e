import { ConfigError, ShapeError } from '@refclip/structures';

/** Expressions whose confidence falls into one interval. */
export interface ReliabilityBin {
  /** Confidence from (inclusive) and to (exclusive; the last bin includes 1). */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence in [0, 1]; NaN for an empty bin. */
  readonly confidence: number;
  /** Fraction that is right in [0, 1]; NaN for an empty bin. */
  readonly accuracy: number;
}

/** How far a confidence can be taken at its word. NaN without expressions. */
export interface Calibration {
  readonly bins: readonly ReliabilityBin[];
  /** Expected calibration error in [0, 1]: mean over expressions of |accuracy − confidence| of their bin. */
  readonly expectedCalibrationError: number;
  /** Largest |accuracy − confidence| of a bin. */
  readonly maximumCalibrationError: number;
  /** Mean of (confidence − right)², in [0, 1] (Brier score). */
  readonly brierScore: number;
  readonly count: number;
}

/**
 * Reliability of a confidence: equal-width bins, expected and maximum calibration error, Brier score.
 *
 * @param confidences  `[N]` in [0, 1].
 * @param correct  `[N]`, whether each answer is right (anything truthy).
 * @param options.bins  number of equal-width bins; default 10.
 * @throws {ConfigError} when a confidence lies outside [0, 1]: a raw score is not a probability. {ShapeError} when lengths differ.
 * @see Guo et al. 2017, On Calibration of Modern Neural Networks, eq. 3, https://arxiv.org/abs/1706.04599
 */
export function computeCalibration(
  confidences: ArrayLike<number>,
  correct: ArrayLike<number | boolean>,
  options: { readonly bins?: number } = {},
): Calibration {
  const count = confidences.length;
  const { bins = 10 } = options;
  if (correct.length !== count) {
    throw new ShapeError({
      op: 'computeCalibration',
      argument: 'correct',
      expected: [count],
      actual: [correct.length],
    });
  }
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const confidence = confidences[i]!;
    if (!(confidence >= 0 && confidence <= 1)) {
      const problem = `expected a probability in [0, 1], got ${confidence}. Map raw scores to probabilities first.`;
      throw new ConfigError('computeCalibration', [{ path: `confidences[${i}]`, problem }]);
    }
    const right = correct[i] ? 1 : 0;
    const bin = sums[Math.min(Math.floor(confidence * bins), bins - 1)]!;
    bin.count++;
    bin.confidence += confidence;
    bin.right += right;
    squares += (confidence - right) ** 2;
  }
  const gaps = sums.map((bin) => (bin.count === 0 ? 0 : Math.abs(bin.right - bin.confidence) / bin.count));
  return {
    bins: sums.map((bin, b) => ({
      low: b / bins,
      high: (b + 1) / bins,
      count: bin.count,
      confidence: bin.confidence / bin.count,
      accuracy: bin.right / bin.count,
    })),
    expectedCalibrationError: sums.reduce((sum, bin, b) => sum + gaps[b]! * bin.count, 0) / count,
    maximumCalibrationError: count === 0 ? Number.NaN : Math.max(...gaps),
    brierScore: squares / count,
    count,
  };
}
