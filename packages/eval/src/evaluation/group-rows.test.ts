import { expect, it } from 'vitest';
import { groupRows } from './group-rows.js';

it('keeps the order of the rows inside each group and leaves out rows of none', () => {
  const groupOfRow = [2, 0, -1, 2, 0, 2];
  const groups = groupRows(groupOfRow.length, 4, (row) => groupOfRow[row]!);
  expect(groups.map((rows) => [...rows])).toEqual([[1, 4], [], [0, 3, 5], []]);
});

it('gives empty groups without rows', () => {
  expect(groupRows(0, 2, () => 0).map((rows) => rows.length)).toEqual([0, 0]);
});
