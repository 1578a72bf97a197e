import { RefclipError } from '@refclip/structures';
import { fuzz } from '@refclip/testing';
import { expect, test } from 'vitest';
import { fuzzTargets } from './fuzz-readers.js';

test.each(fuzzTargets)('$name reads broken files or refuses them by an error of ours', async (target) => {
  const { refused } = await fuzz(target, { inputs: 300, seed: 1, isRefusal: RefclipError.isInstance });
  expect(refused).toBeGreaterThan(50);
});
