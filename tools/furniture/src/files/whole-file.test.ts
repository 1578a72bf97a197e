import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refclip/structures';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeWholeFile } from './make-whole-file.js';
import { WholeFile } from './whole-file.js';
import { writeFailure } from './write-failure.js';
import { writeWholeFile } from './write-whole-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-whole-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('text and bytes are joined in order, in a folder that is created', async () => {
  const file = join(folder, 'new', 'deep', 'a.txt');
  async function* pieces() {
    yield 'é1';
    yield Uint8Array.of(0x32, 0x33);
    yield '4'.repeat(1 << 19);
    yield '5';
  }
  await writeWholeFile(file, pieces());
  expect(await readFile(file, 'utf8')).toBe(`é123${'4'.repeat(1 << 19)}5`);
  expect(await readdir(join(folder, 'new', 'deep'))).toEqual(['a.txt']);
});

test('an error of the pieces passes through and leaves the old file alone', async () => {
  const file = join(folder, 'a.txt');
  await writeWholeFile(file, 'old');
  function* pieces() {
    yield 'new';
    throw new RangeError('no more');
  }
  await expect(writeWholeFile(file, pieces())).rejects.toThrow(RangeError);
  expect([await readFile(file, 'utf8'), await readdir(folder)]).toEqual(['old', ['a.txt']]);
});

test('a file in place of a folder, and a folder in place of the file, are refused with what to do', async () => {
  await writeFile(join(folder, 'file'), '');
  await mkdir(join(folder, 'taken'));
  for (const write of [
    (file: string) => writeWholeFile(file, 'x'),
    (file: string) => makeWholeFile(file, (temporary) => writeFile(temporary, 'x')),
  ]) {
    await expect(write(join(folder, 'file', 'a.txt'))).rejects.toThrow(/is a file, not a folder. Choose another path/);
    await expect(write(join(folder, 'taken'))).rejects.toThrow(FileError);
  }
  expect((await readdir(folder)).sort()).toEqual(['file', 'taken']);
});

test('codes of the system are explained', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(writeFailure('a', full).message).toBe(
    'a: cannot be written: the disk is full. Free some space or choose a folder elsewhere (ENOSPC).',
  );
  expect(writeFailure('a', new Error('odd')).message).toBe('a: cannot be written: odd');
});

test('a file that is given up leaves nothing', async () => {
  const whole = await WholeFile.create(join(folder, 'a.txt'));
  await whole.write('x');
  await whole.abort();
  expect(await readdir(folder)).toEqual([]);
});

test('what is unfinished when the process exits is removed', async () => {
  const script = `
    import { WholeFile } from '@refclip/furniture';
    const whole = await WholeFile.create(${JSON.stringify(join(folder, 'a.txt'))});
    await whole.write('x'.repeat(1 << 19));
    process.exit(7);`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--conditions=@refclip/source', '--input-type=module', '--eval', script],
    { cwd: import.meta.dirname, encoding: 'utf8' },
  );
  expect(status, stderr).toBe(7);
  expect(await readdir(folder)).toEqual([]);
});
