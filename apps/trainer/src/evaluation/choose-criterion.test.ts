import type { EvaluationItem, TrainerConfig } from '@refclip/app-shared';
import { expect, test } from 'vitest';
import { chooseCriterion } from './choose-criterion.js';

const item = (key: string, record: number, truth: EvaluationItem['truth'] = null): EvaluationItem => ({
  id: `${key}:${record}`,
  image: key,
  file: key,
  key,
  expression: 'red star',
  record,
  truth,
});
const choose = (chooseBy: TrainerConfig['evaluation']['chooseBy'], items: readonly EvaluationItem[]) =>
  chooseCriterion(
    { evaluation: { chooseBy, splits: [], validationSplit: 'val', batchSize: 1 } },
    { evaluation: new Map([['val', items]]), validation: items.length ? 'val' : null },
  );

test('auto takes accuracy only where every record has a box, else retrieval, else the last epoch', () => {
  expect(choose('auto', [item('a', 0, [0, 0, 1, 1])])).toBe('accuracy');
  expect(choose('auto', [item('a', 0, [0, 0, 1, 1]), item('b', 1)])).toBe('retrieval');
  expect(choose('auto', [item('a', 0)])).toBe('last');
  expect(choose('auto', [])).toBe('last');
});

test('a criterion that the data cannot give is refused with what it needs', () => {
  expect(() => choose('accuracy', [item('a', 0), item('b', 1)])).toThrow(
    /"accuracy" needs a box in every record.*use retrieval/,
  );
  expect(() => choose('agreement', [item('a', 0), item('b', 1)])).toThrow('records with several expressions');
  expect(() => choose('retrieval', [])).toThrow('which is missing; use last');
  expect(choose('agreement', [item('a', 0), item('a', 0)])).toBe('agreement');
});
