import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refclip/structures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writePieces } from './write-pieces.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refclip-write-'));
});
afterAll(() => rm(directory, { recursive: true }));

it('writes texts and bytes in order, in a folder that it makes', async () => {
  const long = 'x'.repeat(3 << 20);
  await writePieces(join(directory, 'new/a.txt'), ['é', Buffer.from('two'), long, 'end']);
  expect(await readFile(join(directory, 'new/a.txt'), 'utf8')).toBe(`étwo${long}end`);
});

it('leaves the old file and nothing else when the pieces fail', async () => {
  const file = join(directory, 'b.txt');
  await writePieces(file, ['old']);
  const failing = (function* () {
    yield 'new';
    throw new Error('stop');
  })();
  await expect(writePieces(file, failing)).rejects.toThrow('stop');
  expect(await readFile(file, 'utf8')).toBe('old');
  expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('is a FileError when the place cannot be written', async () => {
  await expect(writePieces(join(directory, 'b.txt/c.txt'), ['x'])).rejects.toBeInstanceOf(FileError);
});
