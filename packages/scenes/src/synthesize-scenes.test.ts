import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, SeededRandom } from '@refclip/structures';
import { expect, test } from 'vitest';
import { drawScene, type SceneObject, sceneCategories, sceneColors, sceneShapes } from './draw-scene.js';
import { sampleDataset } from './sample-dataset.js';
import { describeObject } from './scene-expressions.js';
import { synthesizeScenes } from './synthesize-scenes.js';

const options = { seed: 3, train: 6, val: 4, testA: 3, testB: 3 };
const folder = await mkdtemp(join(tmpdir(), 'refclip-scenes-'));

async function digest(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    hash.update(name);
    hash.update(await readFile(join(directory, name)).catch(() => ''));
  }
  return hash.digest('hex');
}

test('equal options give equal bytes, another seed others', async () => {
  await synthesizeScenes(join(folder, 'a'), options);
  await synthesizeScenes(join(folder, 'b'), options);
  await synthesizeScenes(join(folder, 'c'), { ...options, seed: 4 });
  expect(await digest(join(folder, 'a'))).toBe(await digest(join(folder, 'b')));
  expect(await digest(join(folder, 'a'))).not.toBe(await digest(join(folder, 'c')));
});

test('all objects are written in COCO form, with the categories of the scenes', async () => {
  await synthesizeScenes(join(folder, 'd'), options);
  const objects = JSON.parse(await readFile(join(folder, 'd', 'objects.json'), 'utf8'));
  expect(objects.images).toHaveLength(16);
  expect(objects.categories.map(({ name }: { name: string }) => name)).toEqual(sceneCategories);
});

test('scenes are kept until their options change', async () => {
  const directory = join(folder, 'kept');
  expect(await sampleDataset(directory, options)).toBe(true);
  await writeFile(join(directory, 'mark'), '');
  expect(await sampleDataset(directory, options)).toBe(false);
  expect(await sampleDataset(directory, { ...options, val: 5 })).toBe(true);
  expect(await readdir(directory)).not.toContain('mark');
});

test('a folder with other files is left alone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'refclip-foreign-'));
  await writeFile(join(directory, 'thesis.txt'), 'years of work');
  await expect(sampleDataset(directory, options)).rejects.toThrow(FileError);
  expect(await readFile(join(directory, 'thesis.txt'), 'utf8')).toBe('years of work');
});

/** Every object that the words of an attribute expression fit, by plain word matching. */
function fitting(words: readonly string[], objects: readonly SceneObject[]): readonly SceneObject[] {
  const sizes: Record<string, string> = {
    small: 'small',
    little: 'small',
    tiny: 'small',
    medium: 'medium',
    large: 'large',
    big: 'large',
    huge: 'large',
  };
  return objects.filter((object) =>
    words.every((word) => {
      if (word in sceneColors) return object.color === word;
      if ((sceneShapes as readonly string[]).includes(word)) return object.shape === word;
      return !(word in sizes) || object.size === sizes[word];
    }),
  );
}

test('2000 scenes: 3 to 8 objects, and every expression means its object alone', () => {
  const kinds = { attributes: 0, place: 0, relation: 0 };
  for (let index = 0; index < 2000; index++) {
    const random = new SeededRandom(`test/${index}`);
    const scene = drawScene(random, 256);
    expect(scene.objects.length).toBeGreaterThanOrEqual(3);
    expect(scene.objects.length).toBeLessThanOrEqual(8);
    for (const kind of ['attributes', 'place', 'relation'] as const) {
      const target = random.pick(scene.objects);
      const text = describeObject(scene, target, kind, random);
      if (!text) continue;
      kinds[kind]++;
      const head = (text.split(/ (?:to the )?(?:left|right) of | above | over | below | under /)[0] as string)
        .replace(',', '')
        .split(' ');
      const candidates = fitting(head, scene.objects);
      expect(candidates, text).toContain(target);
      if (kind === 'attributes') expect(candidates, text).toEqual([target]);
      else expect(candidates.length, text).toBeGreaterThan(1);
      if (kind === 'place') {
        const [axis, sign] = head.includes('left')
          ? (['centerX', -1] as const)
          : head.includes('right')
            ? (['centerX', 1] as const)
            : head.includes('top')
              ? (['centerY', -1] as const)
              : (['centerY', 1] as const);
        for (const other of candidates)
          if (other !== target) expect(sign * (target[axis] - other[axis]), text).toBeGreaterThan(25);
      }
    }
  }
  for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(500);
});
