import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runReadmeExample } from '@refclip/testing';
import { expect, test } from 'vitest';
import { writeExampleFiles } from '../test/example-files.mjs';

test('the example of the README prints what it says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-readme-'));
  const before = process.cwd();
  await writeExampleFiles(folder);
  process.chdir(folder);
  try {
    const { printed, claimed } = await runReadmeExample(join(import.meta.dirname, '..'), 'refclip');
    expect(printed).toBe(claimed);
  } finally {
    process.chdir(before);
    await rm(folder, { recursive: true });
  }
});
