import type { EvaluationItem } from '@refclip/app-shared';
import { expect, test } from 'vitest';
import { measureAgreement } from './measure-agreement.js';

const item = (record: number, at: number): EvaluationItem => ({
  id: `val:${record}:${at}`,
  image: record,
  file: '',
  key: '',
  expression: 'red star',
  record,
  truth: null,
});

test('counts pairs of one record whose boxes overlap by more than half', () => {
  const items = [item(0, 0), item(0, 1), item(0, 2), item(1, 0)];
  // Of record 0: equal; two without overlap.
  expect(
    measureAgreement(items, [
      [0, 0, 10, 10],
      [0, 0, 10, 10],
      [20, 20, 30, 30],
      [0, 0, 10, 10],
    ]),
  ).toBeCloseTo(100 / 3, 10);
});

test('is unknown where no record has two expressions', () => {
  expect(
    measureAgreement(
      [item(0, 0), item(1, 0)],
      [
        [0, 0, 1, 1],
        [0, 0, 1, 1],
      ],
    ),
  ).toBeNull();
});
