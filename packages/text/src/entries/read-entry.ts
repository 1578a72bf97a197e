import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createGunzip } from 'node:zlib';
import { DataFormatError, FileError, RefclipError } from '@refclip/structures';
import { openPromise } from 'yauzl';
import { PieceReader } from './piece-reader.js';
import { readTarEntry } from './read-tar-entry.js';

const pieceBytes = 1 << 20;
/** A tar archive says what it is in its first block. */
const blockBytes = 512;

/** What to read from a path. */
export interface EntryQuery {
  /** Whether a file in the folder or archive is the one, by its path inside, `/` between its parts. The first that matches is read. */
  readonly matches: (name: string) => boolean;
  /** What is looked for, for the error: `word vectors (*.txt)`. */
  readonly what: string;
  /** Told how many bytes of the file on disk have been read since the last call. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/**
 * The content of one file as a stream of pieces of about 1 MiB: from a folder, out of a zip, tar or tar.gz archive, or, for any other path, the file itself, unpacked when it is
 * gzipped. What a path is shows in its first bytes, not in its name. Nothing is unpacked to disk.
 *
 * @throws {FileError} when the path cannot be read; {DataFormatError} for a damaged archive, or one that holds no such file.
 */
export async function* readEntry(path: string, query: EntryQuery): AsyncGenerator<Uint8Array> {
  try {
    if ((await stat(path)).isDirectory()) yield* readFromFolder(path, query);
    else if (await startsWith(path, [0x50, 0x4b])) yield* readFromZip(path, query);
    else yield* readFromStream(path, query, await startsWith(path, [0x1f, 0x8b]));
  } catch (cause) {
    if (RefclipError.isInstance(cause)) throw cause;
    const error = cause as NodeJS.ErrnoException;
    if (error.syscall) throw new FileError(path, `cannot be read (${error.code}). Check the path.`, { cause });
    throw new DataFormatError({ file: path }, `cannot be unpacked (${error.message}). It is truncated or damaged.`, {
      cause,
    });
  }
}

function nothingFound(path: string, { what }: EntryQuery, names: readonly string[]): DataFormatError {
  const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? `, … (${names.length} in all)` : '');
  return new DataFormatError({ file: path }, `expected ${what}; it holds ${shown || 'no files'}.`);
}

async function startsWith(path: string, magic: readonly number[]): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    return bytesRead === magic.length && magic.every((byte, at) => buffer[at] === byte);
  } finally {
    await handle.close();
  }
}

async function* readFromFolder(path: string, query: EntryQuery): AsyncGenerator<Uint8Array> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const name = names.find(query.matches);
  if (name === undefined) throw nothingFound(path, query, names);
  yield* fromDisk(join(path, name), query);
}

async function* fromDisk(path: string, { onBytes }: EntryQuery): AsyncGenerator<Uint8Array> {
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) {
    onBytes?.((piece as Uint8Array).length);
    yield piece as Uint8Array;
  }
}

async function* readFromZip(path: string, query: EntryQuery): AsyncGenerator<Uint8Array> {
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true });
  try {
    const names: string[] = [];
    for await (const entry of zip.eachEntry()) {
      if (!query.matches(entry.fileName)) {
        names.push(entry.fileName);
        continue;
      }
      const unpacked = await zip.openReadStreamPromise(entry);
      // How many packed bytes have been read is not told: unpacked ones stand for them, in proportion.
      const packed = (count: number) => Math.round((count / entry.uncompressedSize) * entry.compressedSize);
      let count = 0;
      for await (const piece of unpacked) {
        const before = packed(count);
        count += (piece as Uint8Array).length;
        query.onBytes?.(packed(count) - before);
        yield piece as Uint8Array;
      }
      return;
    }
    throw nothingFound(path, query, names);
  } finally {
    zip.close();
  }
}

async function* readFromStream(path: string, query: EntryQuery, isPacked: boolean): AsyncGenerator<Uint8Array> {
  const pieces = isPacked ? unpack(path, query) : fromDisk(path, query);
  try {
    const reader = new PieceReader(pieces);
    const first = await reader.take(blockBytes);
    reader.putBack(first);
    if (Buffer.from(first.subarray(257, 262)).toString('latin1') !== 'ustar') {
      yield* reader.rest();
      return;
    }
    const seen: string[] = [];
    const content = await readTarEntry(reader, path, query.matches, seen);
    if (!content) throw nothingFound(path, query, seen);
    yield* content;
  } finally {
    await pieces.return(undefined);
  }
}

async function* unpack(path: string, { onBytes }: EntryQuery): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: pieceBytes });
  const unpacked = source.pipe(createGunzip({ chunkSize: pieceBytes }));
  source.on('error', (error) => unpacked.destroy(error));
  source.on('data', (piece) => onBytes?.(piece.length));
  try {
    for await (const piece of unpacked) yield piece as Uint8Array;
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}
