import type { Readable } from 'node:stream';
import { DataFormatError, RefclipError } from '@refclip/structures';
import { RandomAccessReader } from 'yauzl';
import type { ByteSource } from '../bytes/byte-source.js';

const window = 1 << 16;

/** What yauzl reads an archive through: a {@link ByteSource}, read ahead while the list of entries is walked in small steps. */
export class ZipBytes extends RandomAccessReader {
  readsAhead = true;
  readonly #source: ByteSource;
  #ahead: Uint8Array = new Uint8Array();
  #aheadStart = 0;
  /** Told what yauzl throws inside a callback; there it would be lost. */
  readonly #waiting = new Set<(error: unknown) => void>();

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#bytesAt(position, length)
      .then(
        (bytes) => {
          buffer.set(bytes, offset);
          callback(null);
        },
        (error: Error) => callback(error),
      )
      .catch((error: unknown) => {
        for (const tell of this.#waiting) tell(error);
      });
  }

  /** Entries are read through the source itself. */
  override _readStreamForRange(): Readable {
    throw new Error('internal: archives are not read as streams');
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }

  /** Runs a step of yauzl's; whatever goes wrong in it becomes a {@link DataFormatError}. */
  async guard<T>(step: () => Promise<T>): Promise<T> {
    let tell: (error: unknown) => void = () => undefined;
    const thrown = new Promise<never>((_, reject) => {
      tell = reject;
    });
    this.#waiting.add(tell);
    try {
      return await Promise.race([step(), thrown]);
    } catch (cause) {
      if (RefclipError.isInstance(cause)) throw cause;
      const { message } = cause as Error;
      throw new DataFormatError({ file: this.#source.name }, `is no readable zip archive: ${message}.`, { cause });
    } finally {
      this.#waiting.delete(tell);
    }
  }

  async #bytesAt(position: number, length: number): Promise<Uint8Array> {
    if (!this.readsAhead || length > window) return this.#source.read(position, length);
    const inside = position >= this.#aheadStart && position + length <= this.#aheadStart + this.#ahead.length;
    if (!inside) {
      const most = Math.max(0, this.#source.size - position);
      this.#ahead = await this.#source.read(position, Math.max(length, Math.min(window, most)));
      this.#aheadStart = position;
    }
    const start = position - this.#aheadStart;
    return this.#ahead.subarray(start, start + length);
  }
}
