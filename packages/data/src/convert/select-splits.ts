import { UsageError } from '@refclip/structures';
import type { SplitRecords } from './referring-dataset.js';

/** The splits of these names, in the order asked for. @throws {UsageError} naming all that are not there. */
export function selectSplits(splits: SplitRecords, names: readonly string[]): SplitRecords {
  const missing = names.filter((name) => !splits.has(name));
  if (missing.length > 0)
    throw new UsageError(`there is no split ${missing.join(', ')}; expected some of ${[...splits.keys()].join(', ')}.`);
  return new Map(names.map((name) => [name, splits.get(name) ?? []]));
}
