import { clusteredMean } from '../statistics/clustered-mean.js';
import { type CaseTable, wordKindBits } from './case-table.js';

/** Accuracy of the expressions that share a property. */
export interface BreakdownRow {
  readonly label: string;
  readonly count: number;
  /** Percent at the threshold of the verdicts. */
  readonly accuracy: number;
  /** Standard error of the accuracy in percent points, taking whole images for independent; NaN for a single image. */
  readonly standardError: number;
}

/** One property, and the accuracy for each of its values. */
export interface Breakdown {
  readonly name: string;
  readonly rows: readonly BreakdownRow[];
}

type Label = (table: CaseTable, row: number) => string | undefined;

const size: Label = ({ areas }, row) => {
  const area = areas[row]!;
  if (Number.isNaN(area)) return undefined;
  return area < 32 ** 2 ? 'small (< 32² px)' : area < 96 ** 2 ? 'medium (< 96² px)' : 'large';
};

const aspect: Label = ({ aspects }, row) => {
  const ratio = aspects[row]!;
  if (!Number.isFinite(ratio)) return undefined;
  return ratio < 2 / 3 ? 'tall (w/h < 2/3)' : ratio > 3 / 2 ? 'wide (w/h > 3/2)' : 'square';
};

const sameCategory: Label = (table, row) => {
  const count = table.sameCategory[row]!;
  return count < 0 ? undefined : count >= 4 ? '4 or more' : String(count);
};

const length: Label = ({ words }, row) => {
  const count = words[row]!;
  if (count < 0) return undefined;
  return count <= 3 ? `${count}` : count <= 5 ? '4–5' : count <= 8 ? '6–8' : '9 or more';
};

const wordKind =
  (kind: 'place' | 'relation' | 'color' | 'ordinal'): Label =>
  ({ wordKinds }, row) =>
    wordKinds[row] === 0 ? undefined : wordKinds[row]! & wordKindBits[kind] ? 'with' : 'without';

const labels: Readonly<Record<string, Label>> = {
  split: (table, row) => table.splits.names[table.splitNumbers[row]!] || undefined,
  'object size': size,
  'object aspect': aspect,
  'same-category objects': sameCategory,
  'expression length (words)': length,
  'place words': wordKind('place'),
  'relation words': wordKind('relation'),
  'color words': wordKind('color'),
  'ordinal words': wordKind('ordinal'),
  category: (table, row) => table.categories.names[table.categoryNumbers[row]!] || undefined,
};

/** Row → tenth of the ranking by confidence (score where there is none), the least confident first; equal ones stay together. */
function confidenceDeciles(table: CaseTable): Label {
  const hasConfidence = table.confidences.some((value) => !Number.isNaN(value));
  const values = hasConfidence ? table.confidences : table.scores;
  const ranked = values.filter((value) => !Number.isNaN(value)).sort();
  const edges = Array.from({ length: 9 }, (_, d) => ranked[Math.floor(((d + 1) * ranked.length) / 10)]!);
  return (_, row) => {
    const value = values[row]!;
    return Number.isNaN(value) ? undefined : `${edges.filter((edge) => edge <= value).length + 1} of 10`;
  };
}

/**
 * Accuracy by every property that is known of the expressions; a property that is known of none is left out.
 *
 * @param right  `[N]`, 100 for a right answer and 0 for a wrong one.
 */
export function breakDown(table: CaseTable, right: ArrayLike<number>): readonly Breakdown[] {
  const all = { ...labels, 'confidence decile': confidenceDeciles(table) };
  return Object.entries(all).flatMap(([name, label]) => {
    const groups = new Map<string, number[]>();
    for (let row = 0; row < table.length; row++) {
      const group = label(table, row);
      if (group === undefined) continue;
      const rows = groups.get(group);
      if (rows) rows.push(row);
      else groups.set(group, [row]);
    }
    if (groups.size === 0) return [];
    const rows = Array.from(groups, ([group, members]) => {
      const { count, mean, standardError } = clusteredMean(right, table.imageNumbers, members);
      return { label: group, count, accuracy: mean, standardError };
    });
    const numeric = new Intl.Collator('en', { numeric: true }).compare;
    return [{ name, rows: rows.sort((a, b) => (name === 'category' ? b.count - a.count : numeric(a.label, b.label))) }];
  });
}
