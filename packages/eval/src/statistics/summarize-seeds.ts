import { standardDeviation } from './bootstrap-mean.js';

/** A figure over several runs. */
export interface SeedSummary {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation, with n − 1; NaN for a single run. */
  readonly standardDeviation: number;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Mean ± standard deviation of one figure over runs with several seeds.
 *
 * @param values  one figure per run, e.g. accuracies in percent. Without any, the mean is NaN.
 */
export function summarizeSeeds(values: readonly number[]): SeedSummary {
  return {
    count: values.length,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    standardDeviation: standardDeviation(values),
    minimum: values.length > 0 ? Math.min(...values) : Number.NaN,
    maximum: values.length > 0 ? Math.max(...values) : Number.NaN,
  };
}
