import { crc32 } from 'node:zlib';
import { ByteWriter } from '../bytes/byte-writer.js';

/** A file to be put into an archive. */
export interface StoredFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** How an archive is laid out. */
export interface StoredZipOptions {
  /** The content of every file begins at a multiple of this, by padding in its header. Default 1. */
  readonly alignment?: number;
  /** Write the fields of large archives (zip64) even where they are not needed. Default false. */
  readonly zip64?: boolean;
}

const largest32 = 0xffffffff;
const largest16 = 0xffff;
/** 1 January 1980, the first day that the format knows. */
const date = 0x21;
/** Names are UTF-8. */
const flags = 0x800;
const paddingId = 0x4246;
const zip64Id = 1;

interface Placed {
  readonly name: Uint8Array;
  readonly size: number;
  readonly checksum: number;
  readonly start: number;
}

/**
 * Writes a zip archive of unpacked files, zip64 where sizes need it. Equal files give equal bytes.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3 and 4.5.3
 */
export function* storedZip(
  files: Iterable<StoredFile>,
  { alignment = 1, zip64 = false }: StoredZipOptions = {},
): Generator<Uint8Array> {
  const placed: Placed[] = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const entry = { name: Buffer.from(name), size: bytes.length, checksum: crc32(bytes), start: at };
    const header = localHeader(entry, alignment, zip64);
    placed.push(entry);
    at += header.length + bytes.length;
    yield header;
    yield bytes;
  }
  const directory = new ByteWriter();
  for (const entry of placed) writeDirectoryEntry(directory, entry, zip64);
  const size = directory.length;
  writeEnd(directory, { count: placed.length, start: at, size }, zip64);
  yield directory.finish();
}

function localHeader({ name, size, checksum, start }: Placed, alignment: number, zip64: boolean): Uint8Array {
  const large = zip64 || size >= largest32;
  const extra = new ByteWriter();
  if (large) extra.uint16(zip64Id).uint16(16).uint64(size).uint64(size);
  const unaligned = start + 30 + name.length + extra.length;
  if (unaligned % alignment !== 0) {
    const padding = (alignment - ((unaligned + 4) % alignment)) % alignment;
    extra.uint16(paddingId).uint16(padding).bytes(new Uint8Array(padding));
  }
  const stored = large ? largest32 : size;
  return new ByteWriter()
    .uint32(0x04034b50)
    .uint16(large ? 45 : 20)
    .uint16(flags)
    .uint16(0)
    .uint16(0)
    .uint16(date)
    .uint32(checksum)
    .uint32(stored)
    .uint32(stored)
    .uint16(name.length)
    .uint16(extra.length)
    .bytes(name)
    .bytes(extra.finish())
    .finish();
}

function writeDirectoryEntry(writer: ByteWriter, { name, size, checksum, start }: Placed, zip64: boolean): void {
  const largeSize = zip64 || size >= largest32;
  const largeStart = zip64 || start >= largest32;
  const extra = new ByteWriter();
  if (largeSize || largeStart) {
    extra.uint16(zip64Id).uint16((largeSize ? 16 : 0) + (largeStart ? 8 : 0));
    if (largeSize) extra.uint64(size).uint64(size);
    if (largeStart) extra.uint64(start);
  }
  const version = extra.length ? 45 : 20;
  const stored = largeSize ? largest32 : size;
  writer
    .uint32(0x02014b50)
    .uint16(version)
    .uint16(version)
    .uint16(flags)
    .uint16(0)
    .uint16(0)
    .uint16(date)
    .uint32(checksum)
    .uint32(stored)
    .uint32(stored)
    .uint16(name.length)
    .uint16(extra.length)
    .uint16(0)
    .uint16(0)
    .uint16(0)
    .uint32(0)
    .uint32(largeStart ? largest32 : start)
    .bytes(name)
    .bytes(extra.finish());
}

interface Directory {
  readonly count: number;
  readonly start: number;
  readonly size: number;
}

function writeEnd(writer: ByteWriter, { count, start, size }: Directory, zip64: boolean): void {
  if (zip64 || count >= largest16 || start >= largest32 || size >= largest32) {
    writer.uint32(0x06064b50).uint64(44).uint16(45).uint16(45).uint32(0).uint32(0);
    writer.uint64(count).uint64(count).uint64(size).uint64(start);
    writer
      .uint32(0x07064b50)
      .uint32(0)
      .uint64(start + size)
      .uint32(1);
  }
  const short = Math.min(count, largest16);
  writer.uint32(0x06054b50).uint16(0).uint16(0).uint16(short).uint16(short);
  writer.uint32(Math.min(size, largest32)).uint32(Math.min(start, largest32)).uint16(0);
}
