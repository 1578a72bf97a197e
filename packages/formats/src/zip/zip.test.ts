import { DataFormatError } from '@refclip/structures';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { bytesInMemory } from '../bytes/open-bytes.js';
import { openZip } from './open-zip.js';
import { storedZip } from './stored-zip.js';

const files = [
  { name: 'a/one.txt', bytes: Buffer.from('one') },
  { name: 'a/empty', bytes: new Uint8Array() },
  { name: 'b/é.bin', bytes: Buffer.alloc(1000, 7) },
];
const source = (bytes: Uint8Array) => bytesInMemory(bytes, 'x.zip');
const openAll = async (bytes: Uint8Array) => {
  const entries = await openZip(source(bytes));
  return Promise.all([...entries.values()].map(async (entry) => ({ name: entry.name, bytes: await entry.readAll() })));
};

describe.each([{}, { zip64: true }, { alignment: 64 }, { alignment: 64, zip64: true }])('storedZip %j', (options) => {
  it('writes what openZip reads', async () => {
    const read = await openAll(Buffer.concat([...storedZip(files, options)]));
    expect(read.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) }))).toEqual(
      files.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) })),
    );
  });

  it('aligns contents', () => {
    if (!options.alignment) return;
    let at = 0;
    for (const [index, piece] of [...storedZip(files, options)].entries()) {
      if (index % 2) expect(at % 64).toBe(0);
      at += piece.length;
    }
  });
});

describe('openZip', () => {
  it('reads a part of a stored entry in place', async () => {
    const bytes = Buffer.concat([...storedZip(files)]);
    const entry = (await openZip(source(bytes))).get('b/é.bin');
    expect(await entry?.readPart(10, 5)).toEqual(Buffer.alloc(5, 7));
    await expect(entry?.readPart(990, 20)).rejects.toThrow('has 1000 bytes');
  });

  it('refuses bytes that do not have their checksum', async () => {
    const bytes = Buffer.concat([...storedZip(files)]);
    bytes[bytes.indexOf('one', 39)] = 0x30;
    await expect(openAll(bytes)).rejects.toThrow('checksum');
  });

  it('refuses a name that stands twice', async () => {
    const twice = Buffer.concat([...storedZip([...files, ...files])]);
    await expect(openZip(source(twice))).rejects.toThrow('twice');
  });

  it('refuses names that leave their folder', async () => {
    const bytes = Buffer.concat([...storedZip([{ name: '../x', bytes: new Uint8Array() }])]);
    await expect(openZip(source(bytes))).rejects.toThrow(DataFormatError);
  });

  it('refuses an entry that unpacks to hundreds of times its size', async () => {
    const bomb = Buffer.from(zipSync({ x: [new Uint8Array(2 ** 20), { level: 9 }] }));
    bomb.writeUInt32LE(2 ** 30, bomb.indexOf(Buffer.of(0x50, 0x4b, 1, 2)) + 24);
    const entry = (await openZip(source(bomb))).get('x');
    await expect(entry?.readAll()).rejects.toThrow('claims to unpack');
  });

  it('unpacks no more than an entry claims', async () => {
    const bytes = Buffer.from(zipSync({ x: [new Uint8Array(2 ** 20), { level: 9 }] }));
    bytes.writeUInt32LE(10, bytes.indexOf(Buffer.of(0x50, 0x4b, 1, 2)) + 24);
    await expect(openAll(bytes)).rejects.toThrow('cannot be unpacked');
  });

  it.each([
    ['a million entries', 10],
    ['a directory elsewhere', 16],
  ])('refuses an archive that claims %s', async (_, at) => {
    const bytes = Buffer.concat([...storedZip(files)]);
    bytes.writeUInt16LE(0xfff0, bytes.length - 22 + at);
    await expect(openZip(source(bytes))).rejects.toThrow(DataFormatError);
  });

  it('refuses encrypted entries', async () => {
    const bytes = Buffer.from(zipSync({ x: Buffer.alloc(100) }));
    const central = bytes.indexOf(Buffer.of(0x50, 0x4b, 1, 2));
    bytes[central + 8] = (bytes[central + 8] as number) | 1;
    await expect(openAll(bytes)).rejects.toThrow('is encrypted');
  });
});
