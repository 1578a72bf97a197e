import { describe, expect, it } from 'vitest';
import { filterGallery, type GalleryFilter, isDisputed } from './filter-gallery.js';
import type { GalleryAnswer, GalleryCase, Verdict } from './gallery-case.js';
import { selectGallery } from './select-gallery.js';

const answer = (verdict: Verdict, iou: number | null, confidence?: number): GalleryAnswer => ({
  verdict,
  status: iou === null ? 'missing' : 'answered',
  iou,
  boxes: [],
  confidence,
});
const item = (key: string, answers: GalleryCase['answers'], more: Partial<GalleryCase> = {}): GalleryCase => ({
  key,
  imageId: `image-${key}`,
  expression: `the ${key} dog`,
  truths: [],
  answers,
  ...more,
});
const cases = [
  item('a', [answer('right', 0.9, 0.2), answer('wrong', 0.1)], { split: 'val', category: 'dog' }),
  item('b', [answer('near', 0.4, 0.9), null], { split: 'testA' }),
  item('c', [answer('none', null), answer('right', 0.8)], { split: 'val', category: 'cat' }),
  item('d', [answer('wrong', 0, 0.5), answer('wrong', 0.2)], { expression: 'LEFT Dog', split: 'val' }),
];
const all: GalleryFilter = {
  entry: 0,
  text: '',
  verdicts: new Set(),
  disagreeing: false,
  split: '',
  category: '',
  order: 'file',
};
const keys = (filter: Partial<GalleryFilter>) =>
  filterGallery(cases, { ...all, ...filter })
    .map(({ key }) => key)
    .join('');

describe('filterGallery', () => {
  it('keeps what passes every filter, by the verdicts of one file', () => {
    expect(keys({})).toBe('abcd');
    expect(keys({ verdicts: new Set(['right', 'none']) })).toBe('ac');
    expect(keys({ verdicts: new Set(['right']), entry: 1 })).toBe('c');
    expect(keys({ entry: 1 })).toBe('acd');
    expect(keys({ split: 'val', category: 'cat' })).toBe('c');
    expect(keys({ text: ' dog left' })).toBe('d');
    expect(keys({ text: 'IMAGE-b' })).toBe('b');
  });
  it('finds what the files disagree about; a file that lacks the expression has no say', () => {
    expect(keys({ disagreeing: true })).toBe('ac');
    expect(isDisputed(item('x', [answer('right', 1), null]))).toBe(false);
  });
  it('orders by IoU and confidence, what has none at the worst or last place', () => {
    expect(keys({ order: 'worst' })).toBe('cdba');
    expect(keys({ order: 'best' })).toBe('abdc');
    expect(keys({ order: 'sure' })).toBe('bdac');
    expect(keys({ order: 'unsure' })).toBe('adbc');
  });
});

describe('selectGallery', () => {
  const many = Array.from({ length: 1000 }, (_, i) =>
    item(String(i), [i % 100 === 0 ? answer('near', 0.4) : answer('right', 0.9)]),
  );
  it('takes rare outcomes as often as common ones, while there are some', () => {
    const drawn = selectGallery(many, 30);
    expect(drawn.length).toBe(30);
    expect(drawn.filter(({ answers }) => answers[0]!.verdict === 'near').length).toBe(10);
    expect(new Set(drawn.map(({ key }) => key)).size).toBe(30);
    expect(drawn.map(({ key }) => Number(key))).toEqual(drawn.map(({ key }) => Number(key)).sort((a, b) => a - b));
  });
  it('draws the same for the same seed, others for another, and all when there is room', () => {
    expect(selectGallery(many, 30, 1)).toEqual(selectGallery(many, 30, 1));
    expect(selectGallery(many, 30, 1)).not.toEqual(selectGallery(many, 30, 2));
    expect(selectGallery(cases, 4)).toBe(cases);
  });
});
