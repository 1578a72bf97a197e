import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeScenes } from '@refclip/scenes';
import { expect, it } from 'vitest';
import { readAnnotations } from './read-annotations.js';

it('drawn scenes read like a data set of a user', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'refclip-drawn-'));
  try {
    await synthesizeScenes(join(folder, 'scenes'), { seed: 3, train: 6, val: 4, testA: 3, testB: 3 });
    const { splits } = await readAnnotations(join(folder, 'scenes', 'annotations.json'));
    expect([...splits.keys()]).toEqual(['train', 'val', 'testA', 'testB']);
    expect(splits.get('train')).toHaveLength(12);
    for (const record of splits.get('val') ?? []) expect(record.expressions).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
