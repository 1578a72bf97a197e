import { alignColumns } from '@refclip/furniture';
import type { DatasetStatistics } from './compute-statistics.js';

const columns = ['split', 'images', 'records', 'expressions', 'boxes', 'words', 'longest', 'left/right', 'new words'];

/** The rows that table and page show, as texts; the first holds the headings, the last the whole data set. */
export function statisticsRows({ splits, total }: DatasetStatistics): string[][] {
  const row = (name: string, split: DatasetStatistics['total'], unseen: string) => [
    name,
    ...[split.images, split.records, split.expressions, split.boxes].map((count) => count.toLocaleString('en')),
    `${split.words.mean.toFixed(2)} (median ${split.words.median})`,
    String(split.words.longest),
    percent(split.leftRight),
    unseen,
  ];
  // A word is new beside those of training; without training there is nothing to be new beside.
  const trained = splits.some(({ split }) => split === 'train');
  return [
    columns,
    ...splits.map((split) =>
      row(split.split, split, trained && split.split !== 'train' ? percent(split.unseenWords) : ''),
    ),
    row('all', total, ''),
  ];
}

/** Statistics as text for a terminal. */
export function formatStatistics(statistics: DatasetStatistics): string {
  const { vocabulary, boxSides, wordKinds, total } = statistics;
  const lines = [
    alignColumns(statisticsRows(statistics)),
    '',
    `vocabulary: ${vocabulary.size.toLocaleString('en')} words, ${vocabulary.once.toLocaleString('en')} of them once; most frequent: ${vocabulary.frequent
      .slice(0, 12)
      .map(({ word }) => word)
      .join(' ')}`,
    `expressions with words for: ${Object.entries(wordKinds)
      .map(([kind, share]) => `${kind} ${percent(share)}`)
      .join(', ')}`,
  ];
  if (total.boxes > 0) {
    const small = countBetween(boxSides, 0, 32);
    const medium = countBetween(boxSides, 32, 96);
    const large = total.boxes - small - medium;
    lines.push(
      `boxes: small (< 32²) ${percent(small / total.boxes)}, medium ${percent(medium / total.boxes)}, large (≥ 96²) ${percent(large / total.boxes)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** @param share  in [0, 1] */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function countBetween({ edges, counts }: DatasetStatistics['boxSides'], from: number, to: number): number {
  return counts.reduce(
    (sum, count, bin) => ((edges[bin] as number) >= from && (edges[bin] as number) < to ? sum + count : sum),
    0,
  );
}
