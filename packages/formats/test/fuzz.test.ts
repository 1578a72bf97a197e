import { expect, test } from 'vitest';
import { fuzz, fuzzTargets } from './fuzz-readers.js';

test.each(fuzzTargets)('$name reads broken files or refuses them by an error of ours', async (target) => {
  const { refused } = await fuzz(target, 300, 1);
  expect(refused).toBeGreaterThan(50);
});
