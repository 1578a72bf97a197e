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

/** The expressions of two evaluations, side by side. @internal */
export interface EvaluationPairs {
  /** Per expression of either: 100 right, 0 wrong or absent, for both; and its image. */
  readonly rows: readonly { readonly a: number; readonly b: number; readonly image: string }[];
  /** Expressions that both have. */
  readonly shared: number;
  /** Of these, expressions that are not of the same image in both. */
  readonly contradicted: number;
}

/** How verdicts are reached. */
interface VerdictOptions {
  readonly threshold?: number | undefined;
  readonly comparator?: Comparator | undefined;
}

/** Pairs expressions by split and id. @internal */
export function pairEvaluations(first: Evaluation, second: Evaluation, options: VerdictOptions = {}): EvaluationPairs {
  const { threshold = 0.5, comparator = '>' } = options;
  const rows = new Map<string, { a: number; b: number; image: string }>();
  let [shared, contradicted] = [0, 0];
  const verdict = ({ table }: Evaluation, row: number) => (passes(table.ious[row]!, threshold, comparator) ? 100 : 0);
  const imageOf = ({ table }: Evaluation, row: number) => table.images.names[table.imageNumbers[row]!]!;
  for (const [row, key] of first.table.keys.entries()) {
    rows.set(key, { a: verdict(first, row), b: 0, image: imageOf(first, row) });
  }
  for (const [row, key] of second.table.keys.entries()) {
    const known = rows.get(key);
    const image = imageOf(second, row);
    if (known) shared++;
    // A prediction that names no image stands for itself, so its key is its image.
    if (known && known.image !== image && known.image !== key && image !== key) contradicted++;
    rows.set(key, { a: known?.a ?? 0, b: verdict(second, row), image: known?.image ?? image });
  }
  return { rows: [...rows.values()], shared, contradicted };
}

/** Whether two evaluations are of the same expressions; files that number different ones alike are not. @internal */
export function areComparable({ shared, contradicted }: Pick<EvaluationPairs, 'shared' | 'contradicted'>): boolean {
  return shared > 0 && contradicted <= 0.1 * shared;
}

/**
 * Compares two evaluations expression by expression, paired by split and id.
 *
 * @throws {RefclipError} when they have no expression in common, or number different ones alike.
 */
export function compareEvaluations(
  first: Evaluation,
  second: Evaluation,
  options: BootstrapOptions & VerdictOptions = {},
): Comparison {
  const pairs = pairEvaluations(first, second, options);
  const { rows, shared, contradicted } = pairs;
  if (!areComparable(pairs)) {
    const problem =
      shared === 0
        ? 'the predictions have no expression in common'
        : `${contradicted} of the ${shared} expressions with equal ids are of different images`;
    throw new RefclipError('usage', `compare: ${problem}. Check that ids and splits agree.`);
  }
  const [a, b] = [rows.map((row) => row.a), rows.map((row) => row.b)];
  const difference = pairedBootstrap(a, b, { ...options, clusters: rows.map((row) => row.image) });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    count: rows.length,
    shared,
    accuracyFirst: mean(a),
    accuracySecond: mean(b),
    difference,
    mcnemar: mcnemarTest(a, b),
  };
}
