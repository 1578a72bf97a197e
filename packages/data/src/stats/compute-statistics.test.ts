import { describe, expect, it } from 'vitest';
import { computeStatistics } from './compute-statistics.js';
import { statisticsRows } from './format-statistics.js';
import { countHistogram } from './histogram.js';
import { splitWords } from './split-words.js';

const size = { width: 100, height: 100 };
const statistics = computeStatistics(
  new Map([
    [
      'train',
      [
        { image: 1, box: [0, 0, 10, 10] as const, expressions: ['left dog', 'the dog'], size },
        { image: 1, expressions: ['red cat on top'] },
      ],
    ],
    ['val', [{ image: 2, box: [0, 0, 50, 50] as const, expressions: ['the RIGHT-most zebra!'], size }]],
    ['testA', []],
  ]),
);

describe('computeStatistics', () => {
  it('counts splits', () => {
    expect(statistics.splits).toEqual([
      {
        split: 'train',
        images: 1,
        records: 2,
        expressions: 3,
        boxes: 1,
        words: { mean: 8 / 3, median: 2, longest: 4 },
        leftRight: 1 / 3,
        unseenWords: 0,
      },
      {
        split: 'val',
        images: 1,
        records: 1,
        expressions: 1,
        boxes: 1,
        words: { mean: 4, median: 4, longest: 4 },
        leftRight: 1,
        unseenWords: 3 / 4,
      },
      {
        split: 'testA',
        images: 0,
        records: 0,
        expressions: 0,
        boxes: 0,
        words: { mean: 0, median: 0, longest: 0 },
        leftRight: 0,
        unseenWords: 0,
      },
    ]);
    expect(statistics.total).toEqual({
      images: 2,
      records: 3,
      expressions: 4,
      boxes: 2,
      words: { mean: 3, median: 3, longest: 4 },
      leftRight: 0.5,
    });
  });

  it('counts the vocabulary', () => {
    expect(statistics.vocabulary).toMatchObject({ size: 10, once: 8 });
    expect(statistics.vocabulary.frequent.slice(0, 2)).toEqual([
      { word: 'dog', count: 2 },
      { word: 'the', count: 2 },
    ]);
  });

  it('counts lengths, boxes and kinds of words', () => {
    expect(statistics.expressionLengths.counts.slice(0, 6)).toEqual([0, 0, 2, 0, 2, 0]);
    expect(statistics.boxSides).toEqual({
      edges: [0, 16, 32, 64, 96, 128, 192, 256, 384, 512],
      counts: [1, 0, 1, 0, 0, 0, 0, 0, 0, 0],
    });
    expect(statistics.boxShares.counts).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 0]);
    expect(statistics.wordKinds).toMatchObject({ 'left or right': 0.5, 'top or bottom': 0.25, color: 0.25 });
  });
});

describe('statisticsRows', () => {
  it('says how many words are new beside those of training, and nothing without training', () => {
    const newWords = (splits: Parameters<typeof computeStatistics>[0]) =>
      statisticsRows(computeStatistics(splits)).map((row) => row.at(-1));
    const val = [{ image: 2, expressions: ['the zebra'] }];
    expect(
      newWords(
        new Map([
          ['train', [{ image: 1, expressions: ['the dog'] }]],
          ['val', val],
        ]),
      ),
    ).toEqual(['new words', '', '50.0 %', '']);
    expect(newWords(new Map([['val', val]]))).toEqual(['new words', '', '']);
  });
});

describe('countHistogram', () => {
  it('puts a value on an edge above it, and everything beyond into the last bin', () => {
    expect(countHistogram([-1, 0, 0.9, 1, 2, 99], [0, 1, 2]).counts).toEqual([3, 1, 2]);
  });
});

describe('splitWords', () => {
  it.each([
    ["The man's red-hat!", ['the', 'mans', 'red', 'hat']],
    ['  2nd/3rd (from) right; "blue"  ', ['2nd', '3rd', 'from', 'right', 'blue']],
    ['', []],
    ['?!', []],
  ])('%s', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});
