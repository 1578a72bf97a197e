import type { ReferringRecord, SplitRecords } from './referring-dataset.js';

/**
 * Training records of the same image and box as one record with all their expressions, where the first of them stands; other splits stay.
 *
 * Forms with an expression per row lose which belong together. SimREC draws one expression per record and pass, so that ungrouped
 * records make an epoch two to three times as long.
 */
export function groupExpressions(splits: SplitRecords): SplitRecords {
  const grouped = new Map<string, ReferringRecord & { expressions: string[] }>();
  const train: ReferringRecord[] = [];
  for (const record of splits.get('train') ?? []) {
    const key = record.box && `${record.image}\n${record.maskId ?? ''}\n${record.box}`;
    const group = key === undefined ? undefined : grouped.get(key);
    if (group) for (const expression of record.expressions) group.expressions.push(expression);
    else {
      const first = { ...record, expressions: [...record.expressions] };
      if (key !== undefined) grouped.set(key, first);
      train.push(first);
    }
  }
  return new Map([...splits].map(([split, records]) => [split, split === 'train' ? train : records]));
}
