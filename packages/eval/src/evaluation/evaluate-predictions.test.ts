import { DataFormatError } from '@refclip/structures';
import { expect, it } from 'vitest';
import { accuracyAtIou } from '../metrics/accuracy-at-iou.js';
import { evaluatePredictions } from './evaluate-predictions.js';

it('scores records as lines of a file are scored', () => {
  const evaluation = evaluatePredictions([
    { id: 0, imageId: 'COCO_train2014_000000000007.jpg', box: [0, 0, 4, 4], boxFormat: 'xyxy', truth: [0, 0, 4, 5] },
    { id: 1, box: [0, 0, 4, 4], boxFormat: 'xywh', truth: [9, 9, 4, 5] },
    { id: 2, box: [Number.NaN, 0, 4, 4], boxFormat: 'xyxy', truth: [0, 0, 4, 5] },
    { id: 3, box: null, boxFormat: 'xyxy', truth: [0, 0, 4, 5] },
  ]);
  expect([...evaluation.table.ious]).toEqual([0.8, 0, Number.NaN, Number.NaN]);
  expect(evaluation.table.images.at(0)).toBe('7');
  expect(accuracyAtIou(evaluation.table.ious)).toBe(25);
});

it('says which record is wrong', () => {
  const broken = [
    { id: 0, box: null, boxFormat: 'xyxy', truth: [0, 0, 1, 1] },
    { id: 1, box: null, boxFormat: 'xyxy' },
  ] as const;
  expect(() => evaluatePredictions(broken)).toThrowError(DataFormatError);
  expect(() => evaluatePredictions(broken)).toThrowError(/record 1, field truth/);
});
