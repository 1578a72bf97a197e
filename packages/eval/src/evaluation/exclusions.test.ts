import { DataFormatError, UsageError } from '@refclip/structures';
import { expect, it } from 'vitest';
import { parseSimrecTruth } from '../truth/parse-simrec-truth.js';
import { Exclusions } from './exclusions.js';

const record = (iid: string | number, at: number) => ({ iid, bbox: [0, 0, 9, 9], refs: ['it'], ref_id: 70 + at });
const names = ['kitchen/0001.jpg', 'bath/0001.jpg', 'bath/0002.jpg', 'COCO_val2014_000000000025.jpg', 'x/26.jpg'];
const truth = parseSimrecTruth({ val: names.map(record) });
const excluded = (ids: readonly string[], by: 'id' | 'ref' | 'image') => {
  const exclusions = new Exclusions(new Set(ids), by, truth);
  const left = truth.expressions.flatMap((expression, at) => (exclusions.has(expression) ? [at] : []));
  return { left, unmatched: exclusions.unmatched };
};

it('finds images however they are named', () => {
  expect(excluded(['photos\\bath\\0001.jpg', '0002.jpg', '000000000025', '26'], 'image')).toEqual({
    left: [1, 2, 3, 4],
    unmatched: [],
  });
  expect(excluded(['25.jpg', './kitchen/0001.jpg'], 'image').left).toEqual([0, 3]);
});

it('tells what belongs to nothing', () => {
  expect(excluded(['hall/0001.jpg', '99', '25'], 'image')).toEqual({ left: [3], unmatched: ['hall/0001.jpg', '99'] });
  expect(excluded(['val:1:0', '2', '5', 'test:0:0'], 'id')).toEqual({ left: [1, 2], unmatched: ['5', 'test:0:0'] });
  expect(excluded(['70', '7'], 'ref')).toEqual({ left: [0], unmatched: ['7'] });
});

it('refuses names that fit several images, or contradict each other', () => {
  expect(() => excluded(['0001.jpg'], 'image')).toThrowError(/"0001.jpg" fits kitchen\/0001.jpg, bath\/0001.jpg/);
  expect(() => excluded(['0001.jpg'], 'image')).toThrowError(UsageError);
  const single = parseSimrecTruth({ val: [record('1.jpg', 0)] });
  expect(() => new Exclusions(new Set(['a/1.jpg', 'b/1.jpg']), 'image', single)).toThrowError(DataFormatError);
});

it('finds images that only predictions name', () => {
  const exclusions = new Exclusions(new Set(['bath/0001.jpg', '0002.jpg', '25', '99']), 'image');
  const found = ['kitchen/0001.jpg', 'photos/bath/0001.jpg', 'a/0002.jpg', '25'].map((imageId) =>
    exclusions.has({ id: '', imageId }),
  );
  expect(found).toEqual([false, true, true, true]);
  expect(exclusions.unmatched).toEqual(['99']);
  expect(() => exclusions.has({ id: '', imageId: 'b/0002.jpg' })).toThrowError(/both fit the one image/);
  expect(exclusions.has({ id: '' })).toBe(false);
});
