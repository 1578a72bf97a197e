const encoder = new TextEncoder();

/** A growing array of bytes with the writes that file formats need. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What has been written; shares memory with the writer. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  bytes(bytes: Uint8Array): this {
    // The place first: making room replaces the array.
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  uint8(...values: readonly number[]): this {
    for (const value of values) {
      const at = this.#advance(1);
      this.#bytes[at] = value;
    }
    return this;
  }

  uint16(value: number): this {
    const at = this.#advance(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  uint32(value: number): this {
    const at = this.#advance(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  int32(value: number): this {
    const at = this.#advance(4);
    this.#view.setInt32(at, value, true);
    return this;
  }

  /** A whole number up to 2⁵³. */
  uint64(value: number): this {
    const at = this.#advance(8);
    this.#view.setBigUint64(at, BigInt(value), true);
    return this;
  }

  /** Big endian, as pickles have their floats. */
  float64BigEndian(value: number): this {
    const at = this.#advance(8);
    this.#view.setFloat64(at, value, false);
    return this;
  }

  /** UTF-8, without a length. */
  text(text: string): this {
    return this.bytes(encoder.encode(text));
  }

  #advance(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}
