import { DataFormatError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import type { WriteContext } from './annotation-form.js';
import { readTransvgTuples, transvgBoxes, transvgTuples } from './transvg-tuples.js';

const context = { file: 'unc_val.pth', split: 'val' };
const writing: WriteContext = {
  file: 'unc_val.pth',
  boxes: 'xywh',
  imageName: (image) => `COCO_train2014_${String(image).padStart(12, '0')}.jpg`,
};
const records = new Map([
  ['val', [{ image: 9, box: [1.4, 2.6, 10.3, 20.2] as const, expressions: ['a cat', 'the left one'], maskId: 7 }]],
]);

describe('TransVG tuples', () => {
  it('are read in both lengths', () => {
    const tuples = [
      ['COCO_train2014_000000000009.jpg', '7.pth', [1, 2, 3.5, 4], 'A cat', [['r1', ['cat']]]],
      ['flickr.jpg', [1, 2, 3, 4], 'a dog'],
    ];
    expect(readTransvgTuples(tuples, context)).toEqual([
      { at: 0, split: 'val', image: 9, expressions: ['A cat'], rawBox: [1, 2, 3.5, 4] },
      { at: 1, split: 'val', image: 'flickr.jpg', expressions: ['a dog'], rawBox: [1, 2, 3, 4] },
    ]);
  });

  it('are written one per expression with rounded edges, as each file has them', () => {
    expect(transvgTuples(records, writing)).toEqual([
      ['COCO_train2014_000000000009.jpg', '7.pth', [1, 3, 11, 20], 'a cat', []],
      ['COCO_train2014_000000000009.jpg', '7.pth', [1, 3, 11, 20], 'the left one', []],
    ]);
    expect(transvgTuples(records, { ...writing, file: 'out/flickr_val.pth', boxes: 'xyxy' })[0]).toEqual([
      'COCO_train2014_000000000009.jpg',
      [1, 3, 12, 23],
      'a cat',
    ]);
  });

  it.each([
    null,
    {},
    [null],
    [['a.jpg', 1]],
    [['a.jpg', 0, [1, 2, 3], 'x', 0]],
    [['a.jpg', [1, 2, 3, Number.NaN], 'x']],
  ])('refuses %j', (value) => {
    expect(() => readTransvgTuples(value, context)).toThrow(DataFormatError);
  });

  it.each([
    ['data/unc/unc_train.pth', 'xywh'],
    ['unc+_val.pth', 'xywh'],
    ['gref_umd_val.pth', 'xywh'],
    ['referit_test.pth', 'xyxy'],
    ['flickr_train.pth', 'xyxy'],
    ['mine.pth', undefined],
  ])('%s has boxes %s', (file, convention) => {
    expect(transvgBoxes(file)).toBe(convention);
  });
});
