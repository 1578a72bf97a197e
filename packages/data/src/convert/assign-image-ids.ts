import type { SplitRecords } from './referring-dataset.js';

/** A whole-number id for every image: its own where it has one, otherwise the next above all of those, in order of appearance. */
export function assignImageIds(splits: SplitRecords): ReadonlyMap<number | string, number> {
  let next = 1;
  for (const records of splits.values()) {
    for (const { image } of records) if (typeof image === 'number') next = Math.max(next, image + 1);
  }
  const ids = new Map<number | string, number>();
  for (const records of splits.values()) {
    for (const { image } of records) {
      if (!ids.has(image)) ids.set(image, typeof image === 'number' ? image : next++);
    }
  }
  return ids;
}
