import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFormatError, FileError } from '@refclip/structures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Line, readLines } from './read-lines.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refclip-lines-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string): Promise<{ lines: Line[]; bytes: number }> {
  const file = join(folder, 'lines.txt');
  await writeFile(file, text);
  const lines: Line[] = [];
  let bytes = 0;
  for await (const batch of readLines(file, (read) => (bytes = read))) lines.push(...batch);
  return { lines, bytes };
}

it('equals splitting the whole text, wherever its blocks are cut', async () => {
  const line = (i: number) => (i % 7 === 0 ? '' : `${i} ${'é🙂中'.repeat((i * 37) % 91)}${i % 3 === 0 ? '\r' : ''}`);
  const text = Array.from({ length: 12_000 }, (_, i) => line(i)).join('\n');
  const expected = text
    .split('\n')
    .map((part, i) => ({ number: i + 1, text: part.replace(/\r$/, '') }))
    .filter((part) => part.text !== '');
  const { lines, bytes } = await read(text);
  expect(Buffer.byteLength(text)).toBeGreaterThan(3 * 2 ** 20);
  expect(lines).toEqual(expected);
  expect(bytes).toBe(Buffer.byteLength(text));
});

it('reads lines longer than a block, drops a byte order mark, and needs no newline at the end', async () => {
  const long = 'x'.repeat(1_500_000);
  expect((await read(`\ufeffa\n\n${long}\nb\n`)).lines).toEqual([
    { number: 1, text: 'a' },
    { number: 3, text: long },
    { number: 4, text: 'b' },
  ]);
  expect((await read('a')).lines).toEqual([{ number: 1, text: 'a' }]);
  expect((await read('')).lines).toEqual([]);
});

it('names the line that is too long', async () => {
  const error = await read(`a\nb\n${'x'.repeat(2 ** 24 + 2 ** 19)}`).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(DataFormatError);
  expect(error).toMatchObject({ record: 'line 3' });
});

it('says that a file cannot be read', async () => {
  await expect(readLines(join(folder, 'none.txt')).next()).rejects.toBeInstanceOf(FileError);
  await expect(readLines(folder).next()).rejects.toBeInstanceOf(FileError);
});
