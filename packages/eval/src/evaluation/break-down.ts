import { ClusterResiduals } from '../statistics/cluster-residuals.js';
import { clusteredMean } from '../statistics/clustered-mean.js';
import { type CaseTable, wordKindBits } from './case-table.js';
import { groupRows } from './group-rows.js';

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

/** What a property sorts the rows of a table into: row → place in `labels`, or −1 where nothing is known. */
interface Grouping {
  readonly labels: readonly string[];
  readonly groupOf: (row: number) => number;
}

type Property = (table: CaseTable) => Grouping;

const size: Property = ({ areas }) => ({
  labels: ['small (< 32² px)', 'medium (< 96² px)', 'large'],
  groupOf: (row) => {
    const area = areas[row]!;
    if (Number.isNaN(area)) return -1;
    return area < 32 ** 2 ? 0 : area < 96 ** 2 ? 1 : 2;
  },
});

const aspect: Property = ({ aspects }) => ({
  labels: ['tall (w/h < 2/3)', 'square', 'wide (w/h > 3/2)'],
  groupOf: (row) => {
    const ratio = aspects[row]!;
    if (!Number.isFinite(ratio)) return -1;
    return ratio < 2 / 3 ? 0 : ratio > 3 / 2 ? 2 : 1;
  },
});

const sameCategory: Property = ({ sameCategory: counts }) => ({
  labels: ['0', '1', '2', '3', '4 or more'],
  groupOf: (row) => Math.min(counts[row]!, 4),
});

const length: Property = ({ words }) => ({
  labels: ['0', '1', '2', '3', '4–5', '6–8', '9 or more'],
  groupOf: (row) => {
    const count = words[row]!;
    return count <= 3 ? count : count <= 5 ? 4 : count <= 8 ? 5 : 6;
  },
});

const wordKind =
  (kind: 'place' | 'relation' | 'color' | 'ordinal'): Property =>
  ({ wordKinds }) => ({
    labels: ['without', 'with'],
    groupOf: (row) => (wordKinds[row] === 0 ? -1 : wordKinds[row]! & wordKindBits[kind] ? 1 : 0),
  });

/** An empty name is none. */
function named(names: readonly string[], numbers: Int32Array): Grouping {
  const none = names.indexOf('');
  return { labels: names, groupOf: (row) => (numbers[row] === none ? -1 : numbers[row]!) };
}

/** Row → tenth of the ranking by confidence (score where there is none), the least confident first; equal ones stay together. */
const confidenceDecile: Property = ({ confidences, scores }) => {
  const values = confidences.some((value) => !Number.isNaN(value)) ? confidences : scores;
  const ranked = values.filter((value) => !Number.isNaN(value)).sort();
  const edges = Float64Array.from({ length: 9 }, (_, d) => ranked[Math.floor(((d + 1) * ranked.length) / 10)]!);
  return {
    labels: Array.from({ length: 10 }, (_, d) => `${d + 1} of 10`),
    groupOf: (row) => {
      const value = values[row]!;
      if (Number.isNaN(value)) return -1;
      let decile = 0;
      while (decile < 9 && edges[decile]! <= value) decile++;
      return decile;
    },
  };
};

const properties: Readonly<Record<string, Property>> = {
  split: ({ splits, splitNumbers }) => named([...splits], splitNumbers),
  'object size': size,
  'object aspect': aspect,
  'same-category objects': sameCategory,
  'expression length (words)': length,
  'place words': wordKind('place'),
  'relation words': wordKind('relation'),
  'color words': wordKind('color'),
  'ordinal words': wordKind('ordinal'),
  category: ({ categories, categoryNumbers }) => named([...categories], categoryNumbers),
  'confidence decile': confidenceDecile,
};

/**
 * Accuracy by every property that is known of the expressions; a property that is known of none is left out.
 *
 * @param right  `[N]`, 100 for a right answer and 0 for a wrong one.
 */
export function breakDown(table: CaseTable, right: ArrayLike<number>): readonly Breakdown[] {
  const images = table.imageNumbers;
  const residuals = new ClusterResiduals(images);
  const numeric = new Intl.Collator('en', { numeric: true }).compare;
  return Object.entries(properties).flatMap(([name, property]) => {
    const { labels, groupOf } = property(table);
    const groups = groupRows(table.length, labels.length, groupOf);
    const rows = groups.flatMap((members, group): BreakdownRow[] => {
      if (members.length === 0) return [];
      const { count, mean, standardError } = clusteredMean(right, images, members, residuals);
      return [{ label: labels[group]!, count, accuracy: mean, standardError }];
    });
    if (rows.length === 0) return [];
    return [{ name, rows: rows.sort((a, b) => (name === 'category' ? b.count - a.count : numeric(a.label, b.label))) }];
  });
}
