/** A stream of bytes, taken by count. */
export class PieceReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next `length` bytes, fewer at the end of the stream. For small counts: they are gathered in memory. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.stream(length)) parts.push(part);
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /** Passes over the next bytes. */
  async skip(length: number): Promise<void> {
    for await (const _ of this.stream(length));
  }

  /** The next `length` bytes in pieces as they come; less at the end of the stream. */
  async *stream(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#pieces.next();
        if (done) return;
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** Makes bytes that were taken the next ones again. */
  putBack(bytes: Uint8Array): void {
    this.#rest = this.#rest.length ? Buffer.concat([bytes, this.#rest]) : bytes;
  }

  /** Everything that is left. */
  rest(): AsyncGenerator<Uint8Array> {
    return this.stream(Number.POSITIVE_INFINITY);
  }
}
