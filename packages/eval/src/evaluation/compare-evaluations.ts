import { RefclipError } from '@refclip/structures';
import { type Comparator, passes } from '../metrics/comparator.js';
import type { BootstrapOptions } from '../statistics/bootstrap-mean.js';
import { type McnemarResult, mcnemarTest } from '../statistics/mcnemar-test.js';
import { type PairedInterval, pairedBootstrap } from '../statistics/paired-bootstrap.js';
import type { Evaluation } from './evaluator.js';

/** Two models on the same expressions. Accuracies are percent. */
export interface Comparison {
  /** Expressions of either; one that a model lacks counts as wrong for it. */
  readonly count: number;
  /** Expressions that both have. */
  readonly shared: number;
  readonly accuracyFirst: number;
  readonly accuracySecond: number;
  /** First minus second, in percent points, resampled by image. */
  readonly difference: PairedInterval;
  readonly mcnemar: McnemarResult;
}

/**
 * Compares two evaluations expression by expression, paired by split and id.
 *
 * @throws {RefclipError} when they have no expression in common.
 */
export function compareEvaluations(
  first: Evaluation,
  second: Evaluation,
  options: BootstrapOptions & { readonly threshold?: number; readonly comparator?: Comparator } = {},
): Comparison {
  const { threshold = 0.5, comparator = '>' } = options;
  const rows = new Map<string, { a: number; b: number; image: string }>();
  let shared = 0;
  const verdict = (evaluation: Evaluation, row: number) =>
    passes(evaluation.table.ious[row]!, threshold, comparator) ? 100 : 0;
  const image = (evaluation: Evaluation, row: number) =>
    evaluation.table.images.names[evaluation.table.imageNumbers[row]!]!;
  for (const [row, key] of first.table.keys.entries()) {
    rows.set(key, { a: verdict(first, row), b: 0, image: image(first, row) });
  }
  for (const [row, key] of second.table.keys.entries()) {
    const known = rows.get(key);
    if (known) shared++;
    rows.set(key, { a: known?.a ?? 0, b: verdict(second, row), image: known?.image ?? image(second, row) });
  }
  if (shared === 0) {
    throw new RefclipError(
      'usage',
      'compare: the predictions have no expression in common. Check that ids and splits agree.',
    );
  }
  const paired = [...rows.values()];
  const [a, b] = [paired.map((row) => row.a), paired.map((row) => row.b)];
  const difference = pairedBootstrap(a, b, { ...options, clusters: paired.map((row) => row.image) });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    count: paired.length,
    shared,
    accuracyFirst: mean(a),
    accuracySecond: mean(b),
    difference,
    mcnemar: mcnemarTest(a, b),
  };
}
