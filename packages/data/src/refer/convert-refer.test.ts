import { readFileSync } from 'node:fs';
import { DataFormatError, UsageError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import { simrecForm } from '../convert/simrec-form.js';
import { compareCounts } from './compare-counts.js';
import { convertRefer, type ReferSource } from './convert-refer.js';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`__fixtures__/${name}`, import.meta.url), 'utf8'));
const source = (over: Partial<ReferSource> = {}): ReferSource => ({
  refs: fixture('expected-refs.json'),
  refsFile: 'refs(unc).p',
  instances: fixture('instances.json'),
  instancesFile: 'instances.json',
  dataset: 'refcoco',
  splitBy: 'unc',
  ...over,
});
const context = { imageName: String, boxes: 'xywh', file: 'out.json' } as const;

describe('convertRefer', () => {
  it('gives the expected annotations', () => {
    const { splits } = convertRefer(source());
    const written = JSON.parse([...simrecForm.write(splits, context)].join(''));
    expect(written).toEqual(fixture('expected-annotations.json'));
    expect(Object.keys(written)).toEqual(['train', 'val', 'testA', 'testB']);
  });

  it('takes every ref of a test split into test where the tests have no letters', () => {
    const { splits, notes } = convertRefer(source({ dataset: 'refcocog', splitBy: 'umd' }));
    expect([...splits].map(([split, records]) => [split, records.length])).toEqual([
      ['train', 4],
      ['val', 4],
      ['test', 6],
    ]);
    expect(notes).toEqual([]);
  });

  it('says which refs belong to no split', () => {
    const { splits, notes } = convertRefer(source({ dataset: 'refcocog', splitBy: 'google' }));
    expect([...splits.keys()]).toEqual(['train', 'val']);
    expect(notes.join(' ')).toContain('1 refs are in split testAB');
  });

  it('leaves the broken images of RefClef out, ranks its categories and keeps its names', () => {
    const instances = structuredClone(fixture('instances.json')) as {
      images: { id: number; file_name: string }[];
      categories: { id: number; name: string }[];
    };
    for (const category of instances.categories) category.name = `object ${category.id}`;
    for (const image of instances.images) image.file_name = image.id === 500 ? '19579.jpg' : `${image.id}.jpg`;
    const { splits, imageNames, notes } = convertRefer(source({ dataset: 'refclef', splitBy: 'berkeley', instances }));
    expect(imageNames.get(501)).toBe('501.jpg');
    expect(splits.get('train')?.map(({ image, category }) => [image, category])).toEqual([
      [501, 2],
      [503, 3],
    ]);
    expect(notes[0]).toContain('2 refs to the broken images');
  });

  it('counts refs in two tests once, and puts the published numbers beside', () => {
    const comparison = compareCounts(convertRefer(source()), 'refcoco', 'unc');
    expect(comparison).toEqual([
      { what: 'images', found: 5, published: 19_994 },
      { what: 'refs', found: 9, published: 50_000 },
      { what: 'expressions', found: 18, published: 142_210 },
      { what: 'expressions in train', found: 8, published: 120_624 },
      { what: 'expressions in val', found: 4, published: 10_834 },
      { what: 'expressions in testA', found: 3, published: 5_657 },
      { what: 'expressions in testB', found: 4, published: 5_095 },
    ]);
  });

  it('names every ref that does not fit at once', () => {
    const refs = structuredClone(fixture('expected-refs.json')) as Record<string, unknown>[];
    refs[0]!.ann_id = 1;
    refs[1]!.category_id = 12;
    refs[2]!.sentences = 'none';
    try {
      convertRefer(source({ refs }));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(DataFormatError);
      expect(error).toMatchObject({ file: 'refs(unc).p', record: 'ref 100', field: 'ann_id' });
      expect((error as Error).message).toMatch(/ref 101, field category_id[\s\S]*ref 2, field sentences/);
    }
  });

  it.each([
    ['refs', null],
    ['refs', { a: 1 }],
    ['refs', [null, 5, 'x']],
    ['instances', null],
    ['instances', []],
    ['instances', { images: [], annotations: [], categories: [] }],
  ])('refuses %s = %j', (field, value) => {
    expect(() => convertRefer(source({ [field]: value }))).toThrow(DataFormatError);
  });

  it.each([
    ['refcoco', 'umd'],
    ['__proto__', 'unc'],
    ['refcoco', 'constructor'],
  ])('refuses %s split by %s', (dataset, splitBy) => {
    expect(() => convertRefer(source({ dataset, splitBy }))).toThrow(UsageError);
  });
});
