import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { DataFormatError } from '@refclip/structures';
import { type Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import type { ByteSource } from '../bytes/byte-source.js';
import { ZipBytes } from './zip-bytes.js';

const inflate = promisify(inflateRaw);

/** More entries than any archive of tensors has. */
const mostEntries = 2 ** 18;
/** Unpacked bytes that an entry may always have, and how often its packed bytes it may be beyond that. */
const unpackedAnyway = 2 ** 28;
const mostRatio = 200;

/** A file inside a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** Unpacked bytes, as the archive claims; checked when it is read. */
  readonly size: number;
  /** All of it, unpacked, its checksum verified. */
  readAll(): Promise<Uint8Array>;
  /** A part of it. Stored entries are read in place; packed ones are unpacked whole. */
  readPart(start: number, length: number): Promise<Uint8Array>;
}

/**
 * Reads the list of a zip archive (zip64 too); entries are read when asked for.
 *
 * An archive is refused when a name appears twice, an entry is encrypted, or unpacks to far more than weights or masks ever do.
 *
 * @throws {DataFormatError} naming the file.
 */
export async function openZip(source: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const bytes = new ZipBytes(source);
  return bytes.guard(async () => {
    const zip = await fromRandomAccessReaderPromise(bytes, source.size, { autoClose: false, lazyEntries: true });
    if (zip.entryCount > mostEntries) throw new Error(`it claims ${zip.entryCount} entries; at most ${mostEntries}`);
    const entries = new Map<string, ZipEntry>();
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) throw new Error(`it holds ${JSON.stringify(entry.fileName)} twice`);
      entries.set(entry.fileName, new LazyEntry(source, bytes, zip, entry));
    }
    bytes.readsAhead = false;
    return entries;
  });
}

class LazyEntry implements ZipEntry {
  readonly #source: ByteSource;
  readonly #bytes: ZipBytes;
  readonly #zip: ZipFile;
  readonly #entry: Entry;
  #start: number | undefined;

  constructor(source: ByteSource, bytes: ZipBytes, zip: ZipFile, entry: Entry) {
    this.#source = source;
    this.#bytes = bytes;
    this.#zip = zip;
    this.#entry = entry;
  }

  get name(): string {
    return this.#entry.fileName;
  }

  get size(): number {
    return this.#entry.uncompressedSize;
  }

  async readAll(): Promise<Uint8Array> {
    const { compressedSize, uncompressedSize, compressionMethod } = this.#entry;
    const start = await this.#dataStart();
    let content: Uint8Array;
    if (compressionMethod === 0) content = await this.#source.read(start, compressedSize);
    else {
      if (compressionMethod !== 8) throw this.#error(`is packed by method ${compressionMethod}; expected 0 or 8`);
      if (uncompressedSize > Math.max(unpackedAnyway, mostRatio * compressedSize))
        throw this.#error(`claims to unpack from ${compressedSize} to ${uncompressedSize} bytes`);
      const packed = await this.#source.read(start, compressedSize);
      content = await inflate(packed, { maxOutputLength: Math.max(1, uncompressedSize) }).catch((cause: Error) => {
        throw this.#error(`cannot be unpacked (${cause.message})`, cause);
      });
    }
    if (content.length !== uncompressedSize)
      throw this.#error(`unpacks to ${content.length} bytes; expected ${uncompressedSize}`);
    if (crc32(content) !== this.#entry.crc32) throw this.#error('does not have its checksum; the file is damaged');
    return content;
  }

  async readPart(start: number, length: number): Promise<Uint8Array> {
    if (start + length > this.size)
      throw this.#error(`has ${this.size} bytes; bytes ${start} to ${start + length} are needed`);
    if (length === this.size || this.#entry.compressionMethod !== 0)
      return (await this.readAll()).subarray(start, start + length);
    return this.#source.read((await this.#dataStart()) + start, length);
  }

  async #dataStart(): Promise<number> {
    if (this.#entry.isEncrypted()) throw this.#error('is encrypted');
    if (this.#start === undefined) {
      const header = await this.#bytes.guard(() =>
        this.#zip.readLocalFileHeaderPromise(this.#entry, { minimal: true }),
      );
      this.#start = header.fileDataStart;
    }
    return this.#start;
  }

  #error(problem: string, cause?: Error): DataFormatError {
    return new DataFormatError({ file: this.#source.name, record: this.name }, `${problem}.`, { cause });
  }
}
