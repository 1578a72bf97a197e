import { SeededRandom, UsageError } from '@refclip/structures';

/** What decides in which order, and by whom, samples are read. */
export interface OrderOptions {
  /** Random order; a pure function of both numbers. Absent: the order of the list. */
  readonly shuffle?: { readonly seed: number; readonly epoch: number };
  /** This reader takes every `count`-th sample of the common order, from `index` on (0 … count − 1). Default: all. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** Samples at the end that do not fill a batch, or not on every shard, are left out. Default: kept. */
  readonly dropLast?: boolean;
  readonly batchSize: number;
}

/**
 * Indices into a list of samples in the order in which one reader takes them in one epoch.
 *
 * With `dropLast` all shards get equally many, a multiple of the batch size; without, the shards together get every sample exactly once.
 *
 * @param count  samples in the list.
 * @throws {UsageError} for a shard or batch size that cannot be.
 */
export function epochOrder(count: number, { shuffle, shard, dropLast = false, batchSize }: OrderOptions): Uint32Array {
  const { index, count: shards } = shard ?? { index: 0, count: 1 };
  if (!(Number.isInteger(shards) && Number.isInteger(index) && index >= 0 && index < shards))
    throw new UsageError(`shard ${index} of ${shards}: expected whole numbers with 0 ≤ index < count.`);
  if (!(Number.isInteger(batchSize) && batchSize > 0))
    throw new UsageError(`batch size ${batchSize}: expected a whole number above 0.`);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  if (shuffle) {
    // Fisher and Yates.
    const random = new SeededRandom(`order/${shuffle.seed}/${shuffle.epoch}`);
    for (let last = count - 1; last > 0; last--) {
      const other = random.whole(0, last);
      const kept = order[last] as number;
      order[last] = order[other] as number;
      order[other] = kept;
    }
  }
  const used = dropLast ? Math.floor(count / (shards * batchSize)) * shards * batchSize : count;
  return order.subarray(0, used).filter((_, place) => place % shards === index);
}
