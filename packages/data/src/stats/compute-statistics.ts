import type { SplitRecords } from '../convert/referring-dataset.js';
import { countHistogram, type Histogram } from './histogram.js';
import { splitWords } from './split-words.js';

/** Sizes of one split. */
export interface SplitStatistics {
  readonly split: string;
  readonly images: number;
  /** Records: refs in training, usually expressions elsewhere. */
  readonly records: number;
  readonly expressions: number;
  /** Records with a box. */
  readonly boxes: number;
  /** Words per expression. */
  readonly words: { readonly mean: number; readonly median: number; readonly longest: number };
  /** Share of expressions with a word for left or right, in [0, 1]. */
  readonly leftRight: number;
  /** Share of the expressions' words that training does not have, in [0, 1]; 0 for training itself. */
  readonly unseenWords: number;
}

/** What a data set is made of. */
export interface DatasetStatistics {
  readonly splits: readonly SplitStatistics[];
  readonly total: Omit<SplitStatistics, 'split' | 'unseenWords'>;
  readonly vocabulary: {
    readonly size: number;
    /** Words that occur once. */
    readonly once: number;
    /** The most frequent words with their counts. */
    readonly frequent: readonly { readonly word: string; readonly count: number }[];
  };
  /** Words per expression; edges are numbers of words. */
  readonly expressionLengths: Histogram;
  /** Side of a square of the box's area, pixels; 32 and 96 separate COCO's small, medium and large. */
  readonly boxSides: Histogram;
  /** Box area over image area, where the size of the image is known. */
  readonly boxShares: Histogram;
  /** Kind of word → share of expressions that hold one, in [0, 1]. */
  readonly wordKinds: Readonly<Record<string, number>>;
}

const kinds: Readonly<Record<string, ReadonlySet<string>>> = {
  'left or right': new Set(['left', 'right', 'leftmost', 'rightmost', 'l', 'r', 'lft', 'rt']),
  'top or bottom': new Set(['top', 'bottom', 'upper', 'lower', 'above', 'below', 'up', 'down']),
  'front or back': new Set([
    'front',
    'back',
    'behind',
    'foreground',
    'background',
    'closest',
    'near',
    'nearest',
    'far',
    'farthest',
    'furthest',
  ]),
  'middle or corner': new Set(['middle', 'center', 'centre', 'corner', 'mid', 'edge']),
  color: new Set(
    'red green blue yellow white black brown orange purple pink gray grey tan blond blonde silver gold'.split(' '),
  ),
  size: new Set(
    'big bigger biggest small smaller smallest large larger largest little tiny huge tall taller tallest short shorter'.split(
      ' ',
    ),
  ),
  number: new Set('one two three four five 1 2 3 4 5 first second third fourth 1st 2nd 3rd 4th last'.split(' ')),
};
const leftRight = kinds['left or right'] as ReadonlySet<string>;

const frequentWords = 50;
const lengthEdges = Array.from({ length: 26 }, (_, words) => words);
const sideEdges = [0, 16, 32, 64, 96, 128, 192, 256, 384, 512];
const shareEdges = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75];

/** Counts, expression lengths, vocabulary, box sizes and kinds of words of a data set. */
export function computeStatistics(splits: SplitRecords): DatasetStatistics {
  const vocabulary = new Map<string, number>();
  const training = new Set<string>();
  for (const { expressions } of splits.get('train') ?? [])
    for (const text of expressions) for (const word of splitWords(text)) training.add(word);

  const kindCounts = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, 0]));
  const sides: number[] = [];
  const shares: number[] = [];
  const allLengths: number[] = [];
  const allImages = new Set<number | string>();
  const totals = { records: 0, boxes: 0, leftRight: 0 };
  const perSplit: SplitStatistics[] = [];

  for (const [split, records] of splits) {
    const images = new Set<number | string>();
    const lengths: number[] = [];
    let [boxes, withLeftRight, words, unseen] = [0, 0, 0, 0];
    for (const { image, box, size, expressions } of records) {
      images.add(image);
      allImages.add(image);
      if (box) {
        boxes++;
        const area = Math.max(0, box[2]) * Math.max(0, box[3]);
        sides.push(Math.sqrt(area));
        if (size) shares.push(area / (size.width * size.height));
      }
      for (const expression of expressions) {
        const tokens = splitWords(expression);
        lengths.push(tokens.length);
        words += tokens.length;
        for (const word of tokens) {
          vocabulary.set(word, (vocabulary.get(word) ?? 0) + 1);
          if (split !== 'train' && !training.has(word)) unseen++;
        }
        if (tokens.some((word) => leftRight.has(word))) withLeftRight++;
        for (const [kind, members] of Object.entries(kinds)) {
          if (tokens.some((word) => members.has(word))) kindCounts[kind] = (kindCounts[kind] as number) + 1;
        }
      }
    }
    for (const length of lengths) allLengths.push(length);
    totals.records += records.length;
    totals.boxes += boxes;
    totals.leftRight += withLeftRight;
    perSplit.push({
      split,
      images: images.size,
      records: records.length,
      expressions: lengths.length,
      boxes,
      words: summarizeLengths(lengths),
      leftRight: ratio(withLeftRight, lengths.length),
      unseenWords: ratio(unseen, words),
    });
  }

  const expressions = allLengths.length;
  const frequent = [...vocabulary]
    .map(([word, count]) => ({ word, count }))
    .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1))
    .slice(0, frequentWords);
  return {
    splits: perSplit,
    total: {
      images: allImages.size,
      records: totals.records,
      expressions,
      boxes: totals.boxes,
      words: summarizeLengths(allLengths),
      leftRight: ratio(totals.leftRight, expressions),
    },
    vocabulary: {
      size: vocabulary.size,
      once: [...vocabulary.values()].filter((count) => count === 1).length,
      frequent,
    },
    expressionLengths: countHistogram(allLengths, lengthEdges),
    boxSides: countHistogram(sides, sideEdges),
    boxShares: countHistogram(shares, shareEdges),
    wordKinds: Object.fromEntries(Object.entries(kindCounts).map(([kind, count]) => [kind, ratio(count, expressions)])),
  };
}

function summarizeLengths(lengths: readonly number[]): SplitStatistics['words'] {
  if (lengths.length === 0) return { mean: 0, median: 0, longest: 0 };
  const sorted = Float64Array.from(lengths).sort();
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
  const sum = sorted.reduce((total, length) => total + length, 0);
  return { mean: sum / sorted.length, median: median as number, longest: sorted.at(-1) as number };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
