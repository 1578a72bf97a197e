import { join } from 'node:path';
import { runReadmeExample } from '@refclip/testing';
import { expect, test } from 'vitest';

test('the example of the README prints what it says', async () => {
  const { printed, claimed } = await runReadmeExample(join(import.meta.dirname, '..'), '@refclip/referring');
  expect(printed).toBe(claimed);
});
