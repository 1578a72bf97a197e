import { describe, expect, it } from 'vitest';
import type { ReferringRecord, SplitRecords } from '../convert/referring-dataset.js';
import { checkRecords } from './check-records.js';
import { summarizeProblems } from './summarize-problems.js';

const size = { width: 100, height: 80 };
const good: ReferringRecord = { image: 1, box: [10, 10, 20, 20], expressions: ['left dog'], size };
const kindsOf = (splits: SplitRecords) => [...checkRecords(splits, { longestExpression: 5 })].map(({ kind }) => kind);
const kindsOfRecord = (over: Partial<ReferringRecord>, split = 'train') =>
  kindsOf(new Map([[split, [{ ...good, ...over }]]]));

describe('checkRecords', () => {
  it('finds nothing wrong with a good record', () => {
    expect(kindsOfRecord({})).toEqual([]);
    expect(kindsOfRecord({ box: undefined })).toEqual([]);
  });

  it.each<[string, Partial<ReferringRecord>]>([
    ['empty-box', { box: [10, 10, 0, 5] }],
    ['empty-box', { box: [10, 10, -3, 5] }],
    ['empty-box', { box: [10, 10, Number.NaN, 5] }],
    ['box-outside', { box: [100, 10, 5, 5] }],
    ['box-partly-outside', { box: [90, 10, 15, 5] }],
    ['box-partly-outside', { box: [-5, 10, 15, 5] }],
    ['no-expression', { expressions: [] }],
    ['empty-expression', { expressions: [' ?! '] }],
    ['long-expression', { expressions: ['one two three four five six'] }],
    ['duplicate-record', { expressions: ['left dog', 'left dog'] }],
    ['broken-encoding', { expressions: ['caf\ufffd'] }],
    ['broken-encoding', { expressions: ['nul \u0000 byte'] }],
    ['broken-encoding', { expressions: ['half \ud800 pair'] }],
    ['suspicious-encoding', { expressions: ['cafÃ© table'] }],
    ['unsafe-path', { image: '../secret.jpg' }],
    ['unsafe-path', { image: '/etc/passwd' }],
    ['unsafe-path', { image: 'C:\\x.jpg' }],
  ])('finds %s in %j', (kind, over) => {
    expect(kindsOfRecord(over)).toEqual([kind]);
  });

  it('allows a pixel of rounding over the edge', () => {
    expect(kindsOfRecord({ box: [90, 10, 11, 5] })).toEqual([]);
  });

  it('finds records that cannot be scored, empty splits, shared images and ambiguous expressions', () => {
    expect(kindsOfRecord({ box: undefined }, 'val')).toEqual(['no-box']);
    expect(kindsOf(new Map([['val', []]]))).toEqual(['empty-split']);
    const moved = { ...good, box: [0, 0, 5, 5] as const };
    expect(kindsOf(new Map([['train', [good, moved]]]))).toEqual(['ambiguous-expression']);
    const [shared] = checkRecords(
      new Map([
        ['train', [good]],
        ['val', [good, { ...good, image: 2 }]],
      ]),
      { longestExpression: 15 },
    );
    expect(shared).toMatchObject({ kind: 'image-in-two-splits', message: '1 image(s) are in train and val: 1' });
  });

  it('takes the size of an image from elsewhere where the record has none', () => {
    const record = { ...good, size: undefined, box: [100, 10, 5, 5] as const };
    const options = { longestExpression: 15, sizes: new Map([[1, size]]) };
    expect([...checkRecords(new Map([['train', [record]]]), options)].map(({ kind }) => kind)).toEqual(['box-outside']);
    expect(kindsOf(new Map([['train', [record]]]))).toEqual([]);
  });

  it('suspects boxes that were read by the wrong convention', () => {
    const corners = Array.from({ length: 20 }, (_, i) => ({ ...good, image: i, box: [i, i, i + 40, i + 30] as const }));
    expect(kindsOf(new Map([['train', corners]]))).toEqual(['suspicious-boxes']);
    const unit = corners.map((record) => ({ ...record, box: [0.5, 0.25, 0.1, 0.1] as const }));
    const [problem] = checkRecords(new Map([['train', unit]]), { longestExpression: 15 });
    expect(problem?.message).toContain('look like xywh-unit');
  });

  it('says where', () => {
    const [problem] = checkRecords(new Map([['val', [good, { ...good, expressions: [''] }]]]), {
      longestExpression: 15,
    });
    expect(problem).toMatchObject({ kind: 'empty-expression', severity: 'error', split: 'val', record: 1, image: 1 });
  });
});

describe('summarizeProblems', () => {
  it('counts by kind, errors first, and keeps some examples', () => {
    const problems = [
      ...checkRecords(new Map([['train', Array.from({ length: 9 }, () => ({ ...good, expressions: ['', ''] }))]]), {
        longestExpression: 15,
      }),
    ];
    expect(summarizeProblems(problems, 2).map(({ kind, count, examples }) => [kind, count, examples.length])).toEqual([
      ['empty-expression', 18, 2],
      ['duplicate-record', 17, 2],
    ]);
  });
});
