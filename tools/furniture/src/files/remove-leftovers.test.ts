import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeLeftovers } from './remove-leftovers.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-leftovers-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('what a process killed in the middle of a save leaves is removed, and nothing else', async () => {
  const target = join(folder, 'checkpoints', 'state.safetensors');
  await mkdir(join(folder, 'checkpoints'));
  await writeFile(target, 'the state before');
  const script = `
    import { writeWholeFile } from '@refclip/furniture';
    function* pieces() {
      yield new Uint8Array(100_000);
      yield new Uint8Array(100_000);
      process.kill(process.pid, 'SIGKILL');
      yield new Uint8Array(1);
    }
    await writeWholeFile(${JSON.stringify(target)}, pieces());`;
  const flags = ['--import', 'tsx', '--conditions=@refclip/source', '--input-type=module', '--eval', script];
  const { signal, stderr } = spawnSync(process.execPath, flags, {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
  expect(signal, stderr).toBe('SIGKILL');
  const left = await readdir(join(folder, 'checkpoints'));
  expect(left).toHaveLength(2);
  // Another process may still be writing it, for all that a fresh start knows.
  expect(await removeLeftovers(folder)).toBe(0);
  expect(await removeLeftovers(folder, { age: 0 })).toBe(1);
  expect(await readdir(join(folder, 'checkpoints'))).toEqual(['state.safetensors']);
});

test('old ones go; young ones, and whatever else ends in .tmp, stay', async () => {
  const old = new Date(Date.now() - 2 * 3_600_000);
  const ours = ['.a.json.0b9ff0c2-9b5e-4bd8-8f0c-111111111111.tmp', 'b.json.17.tmp'];
  const others = ['notes.tmp', '.swap.tmp', 'tmp', 'c.17.tmp.json', '.young.0b9ff0c2-9b5e-4bd8-8f0c-222222222222.tmp'];
  for (const name of [...ours, ...others]) await writeFile(join(folder, name), '');
  for (const name of [...ours, ...others.slice(0, -1)]) await utimes(join(folder, name), old, old);
  expect(await removeLeftovers(folder)).toBe(2);
  expect((await readdir(folder)).sort()).toEqual(others.sort());
  expect(await removeLeftovers(join(folder, 'none'))).toBe(0);
});
