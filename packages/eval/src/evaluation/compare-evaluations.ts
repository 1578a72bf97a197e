import { RefclipError } from '@refclip/structures';
import { type Comparator, passes } from '../metrics/comparator.js';
import type { BootstrapOptions } from '../statistics/bootstrap-mean.js';
import { type McnemarResult, mcnemarTest } from '../statistics/mcnemar-test.js';
import { type PairedInterval, pairedBootstrap } from '../statistics/paired-bootstrap.js';
import type { Evaluation } from './evaluator.js';
import { TextColumn } from './text-column.js';

/** Two models on the same expressions. Accuracies are percent. */
export interface Comparison {
  /** Expressions of either; one that a model lacks counts as wrong for it. */
  readonly count: number;
  /** Expressions that both have. */
  readonly shared: number;
  readonly accuracyFirst: number;
  readonly accuracySecond: number;
  /** First minus second, in percent points, resampled by what `resampledBy` says. */
  readonly difference: PairedInterval;
  /** `expression` where neither names an image, so that expressions are taken for independent. */
  readonly resampledBy: 'image' | 'expression';
  readonly mcnemar: McnemarResult;
}

/** The expressions of two evaluations, side by side. @internal */
export interface EvaluationPairs {
  /** Per expression of either: 100 right, 0 wrong or absent, of the first and of the second. `[N]` */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** Number of the expression's image. `[N]` */
  readonly images: Int32Array;
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
  const [keys, images] = [new TextColumn(), new TextColumn()];
  const most = first.table.length + second.table.length;
  const [a, b] = [new Float64Array(most), new Float64Array(most)];
  const imageNumbers = new Int32Array(most);
  let [shared, contradicted] = [0, 0];
  const verdict = ({ table }: Evaluation, row: number) => (passes(table.ious[row]!, threshold, comparator) ? 100 : 0);
  const imageOf = ({ table }: Evaluation, row: number) => table.images.at(table.imageNumbers[row]!)!;
  let row = 0;
  for (const key of first.table.keys) {
    const place = keys.numberOf(key);
    a[place] = verdict(first, row);
    imageNumbers[place] = images.numberOf(imageOf(first, row));
    row++;
  }
  row = 0;
  for (const key of second.table.keys) {
    const known = keys.length;
    const place = keys.numberOf(key);
    const image = imageOf(second, row);
    if (place < known) {
      shared++;
      // A prediction that names no image stands for itself, so its key is its image.
      const other = images.at(imageNumbers[place]!);
      if (other !== image && other !== key && image !== key) contradicted++;
    } else {
      imageNumbers[place] = images.numberOf(image);
    }
    b[place] = verdict(second, row);
    row++;
  }
  const count = keys.length;
  return {
    a: a.subarray(0, count),
    b: b.subarray(0, count),
    images: imageNumbers.subarray(0, count),
    shared,
    contradicted,
  };
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
  const { a, b, images, shared, contradicted } = pairs;
  if (!areComparable(pairs)) {
    const problem =
      shared === 0
        ? 'the predictions have no expression in common'
        : `${contradicted} of the ${shared} expressions with equal ids are of different images`;
    throw new RefclipError('usage', `compare: ${problem}. Check that ids and splits agree.`);
  }
  const difference = pairedBootstrap(a, b, { ...options, clusters: images });
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    count: a.length,
    shared,
    accuracyFirst: mean(a),
    accuracySecond: mean(b),
    difference,
    resampledBy: first.knowsImages || second.knowsImages ? 'image' : 'expression',
    mcnemar: mcnemarTest(a, b),
  };
}
