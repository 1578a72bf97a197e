import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, userDirectory } from '@refclip/app-shared';
import { synthesizeScenes } from '@refclip/scenes';
import { describe, expect, it } from 'vitest';
import { firstQuestion } from './first-question.js';

const root = join(import.meta.dirname, '../../../..');
const box = [0, 0, 1, 1] as const;

describe('the first question', () => {
  it('is about an evaluated picture and an expression of it', () => {
    const item = {
      id: 'val:0:0',
      record: 0,
      image: 7,
      file: '/data/7.jpg',
      key: '7',
      expression: 'red star',
      truth: box,
    };
    const evaluation = new Map([
      ['empty', []],
      ['val', [item]],
    ]);
    expect(firstQuestion({ evaluation, train: [] })).toEqual({ image: '/data/7.jpg', expression: 'red star' });
  });
});

describe('README', () => {
  it('asks about a picture of the sample that holds what is asked', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const command = /trainer ground .*--image data\/sample\/images\/(\d+)\.jpg --out \S+ (".*")/.exec(readme);
    const id = Number(command?.[1]);
    const expressions = [...(command?.[2] ?? '').matchAll(/"([^"]+)"/g)].map(([, expression]) => expression);
    const { data } = await loadConfig(join(root, 'configs/sample.yaml'), [], userDirectory);
    const scenes = data.synthesize;
    if (!scenes) throw new Error('the sample is not drawn');
    const index = id - scenes.train - 1;
    expect(index).toBeGreaterThanOrEqual(0);
    expect(index).toBeLessThan(scenes.val);
    const folder = await mkdtemp(join(tmpdir(), 'refclip-readme-'));
    try {
      // A scene is drawn from the seed, its split and its place in it: few others are needed.
      const { seed, imageSize } = scenes;
      await synthesizeScenes(join(folder, 'scenes'), { seed, imageSize, train: 1, val: index + 1, testA: 1, testB: 1 });
      const { val } = JSON.parse(await readFile(join(folder, 'scenes/annotations.json'), 'utf8'));
      const records: { iid: number; refs: string[] }[] = val;
      const asked = records.filter(({ iid }) => iid === index + 2).flatMap(({ refs }) => refs);
      expect(asked).not.toEqual([]);
      expect(expressions.length).toBeGreaterThan(0);
      for (const expression of expressions) expect(asked).toContain(expression);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
