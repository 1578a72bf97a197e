import { DataFormatError } from '@refclip/structures';
import { expect, it } from 'vitest';
import { PieceReader } from './piece-reader.js';
import { readTarEntry } from './read-tar-entry.js';

/** One entry of a POSIX archive: head, content, filling. */
function entry(name: string, content: string, type: string): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write(content.length.toString(8).padStart(11, '0'), 124);
  head.write(' '.repeat(8), 148);
  head.write(type, 156);
  head.write('ustar', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([head, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

async function read(...entries: readonly Buffer[]) {
  async function* pieces() {
    yield Buffer.concat([...entries, Buffer.alloc(1024)]);
  }
  const content = await readTarEntry(new PieceReader(pieces()), 'a.tar', (name) => name === 'vectors', []);
  let text = '';
  for await (const piece of content ?? []) text += Buffer.from(piece).toString();
  return text;
}

it('gives the content of the entry that matches', async () => {
  expect(await read(entry('other', 'no', '0'), entry('vectors', 'yes', '0'))).toBe('yes');
});

it('refuses sparse entries, whose bytes in the archive are not their content', async () => {
  const pax = '22 GNU.sparse.major=1\n';
  await expect(read(entry('vectors', 'part', 'S'))).rejects.toThrow(DataFormatError);
  await expect(read(entry('pax', pax, 'x'), entry('vectors', 'part', '0'))).rejects.toThrow('sparse');
});
