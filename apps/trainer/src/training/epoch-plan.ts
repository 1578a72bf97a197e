import type { CounterRandom } from '@refclip/nn';

/** One drawn pair: a record of the training split and one of its expressions. */
export interface DrawnPair {
  readonly record: number;
  readonly expression: number;
}

/**
 * The batches of one epoch: every record once, in random order, with one of its expressions drawn at random; an incomplete last batch is dropped,
 * since the contrastive loss depends on the batch size.
 *
 * A pure function of the generator's seed and the epoch, so a resumed run sees the same batches.
 *
 * @param expressionCounts  `[records]`, how many expressions each record has, at least 1.
 */
export function planEpoch(
  random: CounterRandom,
  epoch: number,
  expressionCounts: readonly number[],
  batchSize: number,
): readonly (readonly DrawnPair[])[] {
  const stream = random.stream('epoch', epoch);
  const order = stream.stream('order').permutation(expressionCounts.length);
  const draws = stream.stream('expression').uniform(expressionCounts.length);
  const batches: DrawnPair[][] = [];
  for (let start = 0; start + batchSize <= order.length; start += batchSize) {
    batches.push(
      Array.from(order.subarray(start, start + batchSize), (record) => ({
        record,
        expression: Math.floor((draws[record] ?? 0) * (expressionCounts[record] ?? 1)),
      })),
    );
  }
  return batches;
}
