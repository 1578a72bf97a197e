import { ShapeError } from '@refclip/structures';

/** The averages of one group of expressions. */
export interface GroupAverage<G> {
  readonly group: G;
  readonly count: number;
  readonly mean: number;
}

/** Averages of all groups, and their macro average. */
export interface GroupAverages<G> {
  /** In order of first appearance. */
  readonly groups: readonly GroupAverage<G>[];
  /** Mean of the groups' means: every group weighs the same. NaN without groups. */
  readonly macroAverage: number;
}

/**
 * Averages a value per group (image, category, …), and the groups' averages (macro average).
 *
 * Give 100 or 0 per expression for accuracies in percent, IoUs for mean IoUs. With images as groups the macro average is the per-image average.
 *
 * @param values  `[N]`; NaN counts as 0.
 * @param groups  `[N]`, which group each belongs to.
 * @throws {ShapeError} when the lengths differ.
 */
export function averageByGroup<G>(values: ArrayLike<number>, groups: ArrayLike<G>): GroupAverages<G> {
  if (values.length !== groups.length) {
    const [expected, actual] = [[values.length], [groups.length]];
    throw new ShapeError({ op: 'averageByGroup', argument: 'groups', expected, actual });
  }
  const sums = new Map<G, { sum: number; count: number }>();
  for (let i = 0; i < values.length; i++) {
    let entry = sums.get(groups[i]!);
    if (!entry) {
      entry = { sum: 0, count: 0 };
      sums.set(groups[i]!, entry);
    }
    entry.sum += Number.isNaN(values[i]!) ? 0 : values[i]!;
    entry.count++;
  }
  const averages = Array.from(sums, ([group, { sum, count }]) => ({ group, count, mean: sum / count }));
  return { groups: averages, macroAverage: averages.reduce((sum, g) => sum + g.mean, 0) / averages.length };
}
