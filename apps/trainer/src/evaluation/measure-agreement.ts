import type { EvaluationItem } from '@refclip/app-shared';
import { boxIou, type XyxyBox } from '@refclip/structures';

/**
 * Percent of pairs of expressions of one record whose boxes have IoU > 0.5. A model that answers every expression with the same box agrees always: it says
 * something only beside another measure.
 *
 * @param boxes  `[items]`, image pixels.
 * @returns `null` where no record has two expressions.
 */
export function measureAgreement(items: readonly EvaluationItem[], boxes: readonly XyxyBox[]): number | null {
  const groups = new Map<number, XyxyBox[]>();
  for (const [at, { record }] of items.entries())
    groups.set(record, [...(groups.get(record) ?? []), boxes[at] as XyxyBox]);
  let [pairs, equal] = [0, 0];
  for (const group of groups.values())
    for (const [at, box] of group.entries())
      for (const other of group.slice(at + 1)) {
        pairs++;
        if (boxIou(box, other) > 0.5) equal++;
      }
  return pairs ? (100 * equal) / pairs : null;
}
