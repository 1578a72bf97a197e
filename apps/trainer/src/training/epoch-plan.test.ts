import { CounterRandom } from '@refclip/nn';
import { expect, test } from 'vitest';
import { planEpoch } from './epoch-plan.js';

const counts = Array.from({ length: 50 }, (_, record) => 1 + (record % 3));

test('every record once, an expression it has, the incomplete batch dropped', () => {
  const batches = planEpoch(new CounterRandom(1), 0, counts, 8);
  expect(batches.map((batch) => batch.length)).toEqual([8, 8, 8, 8, 8, 8]);
  const pairs = batches.flat();
  expect(new Set(pairs.map((pair) => pair.record)).size).toBe(48);
  for (const { record, expression } of pairs) expect(expression).toBeLessThan(counts[record] ?? 0);
});

test('the same for the same seed and epoch, another for another', () => {
  const plan = (seed: number, epoch: number) => JSON.stringify(planEpoch(new CounterRandom(seed), epoch, counts, 8));
  expect(plan(1, 3)).toBe(plan(1, 3));
  expect(plan(1, 4)).not.toBe(plan(1, 3));
  expect(plan(2, 3)).not.toBe(plan(1, 3));
});

test('over many epochs all expressions of a record are drawn about equally often', () => {
  const drawn = [0, 0, 0];
  for (let epoch = 0; epoch < 600; epoch++) {
    const pair = planEpoch(new CounterRandom(5), epoch, [3, 3], 2)
      .flat()
      .find(({ record }) => record === 1);
    drawn[pair?.expression ?? 0] = (drawn[pair?.expression ?? 0] ?? 0) + 1;
  }
  for (const count of drawn) expect(Math.abs(count - 200)).toBeLessThan(50);
});
