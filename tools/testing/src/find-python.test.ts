import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { findPython } from './find-python.mjs';

let folder: string;
const fake = async (name: string, has: string) => {
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n[ "$2" = "import ${has}" ]\n`);
  await chmod(file, 0o755);
  return file;
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-python-'));
  await fake('python3', 'torch, numpy');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});
afterAll(() => rm(folder, { recursive: true }));

test('takes python3 of the path when it has the modules', () => {
  vi.stubEnv('REFCLIP_PYTHON', '');
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  expect(findPython(['torch', 'numpy'])).toBe('python3');
});

test('takes the one that is named, and no other', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  const named = await fake('named', 'cv2');
  vi.stubEnv('REFCLIP_PYTHON', named);
  expect(findPython(['cv2'])).toBe(named);
  expect(findPython(['torch', 'numpy'])).toBeUndefined();
  expect(warn.mock.lastCall?.[0]).toContain(`no Python with torch and numpy (tried ${named})`);
});
