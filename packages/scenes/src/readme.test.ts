import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runReadmeExample } from '@refclip/testing';
import { expect, it } from 'vitest';

it('the example of the README prints what it says', async () => {
  const before = process.cwd();
  const directory = await mkdtemp(join(tmpdir(), 'refclip-readme-scenes-'));
  process.chdir(directory);
  try {
    const { printed, claimed } = await runReadmeExample(join(import.meta.dirname, '..'), '@refclip/scenes');
    expect(printed).toBe(claimed);
  } finally {
    process.chdir(before);
    await rm(directory, { recursive: true });
  }
});
