import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfig, loadConfig, type TrainerConfig } from '@refclip/app-shared';
import { UsageError } from '@refclip/structures';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRun, existingRun, newestRun, runName } from './run-directory.js';

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'refclip-runs-'));
});
afterEach(() => rm(runs, { recursive: true }));

const config = (name: string): TrainerConfig =>
  checkConfig(
    {
      name,
      runs,
      data: { annotations: '/a.json', images: '/images' },
      detector: { weights: null, cache: { directory: '/cache' } },
    },
    'toy.yaml',
  );

/** A run with a state saved so many seconds ago; without a number, one that was killed before its first. */
async function makeRun(folder: string, name: string, age?: number): Promise<void> {
  const run = await createRun(join(runs, folder), config(name));
  if (age === undefined) return;
  await writeFile(run.state, 'state');
  const then = new Date(Date.now() - age * 1000);
  await utimes(run.state, then, then);
}

test('the newest run is the one of that name whose state was saved last', async () => {
  await makeRun('a', 'toy', 30);
  await makeRun('b', 'toy', 10);
  await makeRun('c', 'toy', 20);
  await makeRun('of-another', 'other', 1);
  await makeRun('without-state', 'toy');
  await mkdir(join(runs, 'no-run'));
  await writeFile(join(runs, 'file.txt'), '');
  await mkdir(join(runs, 'damaged', 'checkpoints'), { recursive: true });
  await writeFile(join(runs, 'damaged', 'config.yaml'), 'name: [');
  await writeFile(join(runs, 'damaged', 'checkpoints', 'state.safetensors'), '');
  expect((await newestRun(config('toy'))).path).toBe(join(runs, 'b'));
  expect((await newestRun(config('other'))).path).toBe(join(runs, 'of-another'));
  await expect(newestRun(config('third'))).rejects.toThrow(UsageError);
  await expect(newestRun({ ...config('toy'), runs: join(runs, 'none') })).rejects.toThrow('Start one without --resume');
});

test('a run is created once, with a configuration that reads back as it was', async () => {
  const run = await createRun(join(runs, 'x'), config('toy'));
  expect(await loadConfig(run.config)).toEqual(config('toy'));
  await expect(createRun(join(runs, 'x'), config('toy'))).rejects.toThrow('holds a run already');
  await expect(existingRun(join(runs, 'x'))).rejects.toThrow('no run with a saved state');
  expect(await readFile(run.config, 'utf8')).toContain('name: toy');
});

test('half-written files of a killed run are gone when it is resumed, and after a while when another begins', async () => {
  const name = '.state.safetensors.0b9ff0c2-9b5e-4bd8-8f0c-111111111111.tmp';
  const left = join(runs, 'killed', 'checkpoints', name);
  await makeRun('killed', 'toy', 5);
  await writeFile(left, 'half');
  await makeRun('beside', 'toy', 50);
  expect(await readdir(join(runs, 'killed', 'checkpoints'))).toContain(name);
  await existingRun(join(runs, 'killed'));
  expect(await readdir(join(runs, 'killed', 'checkpoints'))).toEqual(['state.safetensors']);
  await writeFile(left, 'half');
  expect((await newestRun(config('toy'))).path).toBe(join(runs, 'killed'));
  expect(await readdir(join(runs, 'killed', 'checkpoints'))).toEqual(['state.safetensors']);
  await writeFile(left, 'half');
  const old = new Date(Date.now() - 2 * 3_600_000);
  await utimes(left, old, old);
  await makeRun('new', 'toy');
  expect(await readdir(join(runs, 'killed', 'checkpoints'))).toEqual(['state.safetensors']);
});

test('a run is named by its configuration and the local clock', () => {
  expect(runName('toy', new Date(2026, 0, 2, 3, 4, 5))).toBe('toy-20260102-030405');
});
