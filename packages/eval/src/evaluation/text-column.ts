import { GrowingArray } from './growing-array.js';

const empty = -1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A column of texts as UTF-8 bytes, one after another, with an index over them: a million names cost their bytes and
 * about 16 more each, and no object. Lone surrogates are kept as U+FFFD.
 */
export class TextColumn {
  #bytes = new Uint8Array(1 << 12);
  /** Bytes used. */
  #used = 0;
  /** Where each text ends in `#bytes`. */
  readonly #ends = new GrowingArray((length) => new Float64Array(length));
  readonly #hashes = new GrowingArray((length) => new Int32Array(length));
  /** Hash → place, open addressing: the first free slot from `hash & (length − 1)` on. A power of two, at most half full. */
  #slots = new Int32Array(1 << 11).fill(empty);
  /** The text asked for last, its hash and its place: rows of one image follow one another, and a text is found before it is added. */
  #last: string | undefined;
  #lastHash = 0;
  #lastSize = 0;
  #lastPlace = empty;

  get length(): number {
    return this.#ends.length;
  }

  /** The text at a place; undefined beyond the end. */
  at(place: number): string | undefined {
    if (!(place >= 0 && place < this.length)) return undefined;
    return decoder.decode(this.#bytes.subarray(this.#startOf(place), this.#ends.get(place)));
  }

  /** Adds a text, known or not. @returns its place. */
  push(text: string): number {
    // A text that was sought and not found is still written behind the last.
    if (text !== this.#last || this.#lastPlace !== empty) {
      this.#lastSize = this.#write(text);
      this.#lastHash = this.#hash(this.#lastSize);
    }
    const place = this.#keep(this.#lastSize, this.#lastHash);
    this.#last = undefined;
    return place;
  }

  /** The first place of a text, −1 when it was never added. */
  find(text: string): number {
    if (text === this.#last) return this.#lastPlace;
    this.#lastSize = this.#write(text);
    this.#lastHash = this.#hash(this.#lastSize);
    this.#last = text;
    this.#lastPlace = this.#lookUp(this.#lastSize, this.#lastHash);
    return this.#lastPlace;
  }

  /** The place of a text, which is added when it is new: texts are numbered in order of first appearance. */
  numberOf(text: string): number {
    const known = this.find(text);
    if (known !== empty) return known;
    const place = this.push(text);
    this.#last = text;
    this.#lastPlace = place;
    return place;
  }

  *[Symbol.iterator](): Generator<string> {
    for (let place = 0; place < this.length; place++) yield this.at(place)!;
  }

  #startOf(place: number): number {
    return place === 0 ? 0 : this.#ends.get(place - 1);
  }

  /** Writes a text behind the last, not yet a part of the column. @returns its bytes. */
  #write(text: string): number {
    const most = this.#used + 3 * text.length;
    if (most > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(most, Math.ceil(1.5 * this.#bytes.length)));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    const bytes = this.#bytes;
    for (let i = 0, to = this.#used; i < text.length; i++, to++) {
      const code = text.charCodeAt(i);
      if (code > 127) return encoder.encodeInto(text, bytes.subarray(this.#used)).written;
      bytes[to] = code;
    }
    return text.length;
  }

  /** FNV-1a of the bytes written last, mixed so that its low bits depend on all. */
  #hash(size: number): number {
    let hash = 0x811c9dc5;
    for (let at = this.#used, end = at + size; at < end; at++) hash = Math.imul(hash ^ this.#bytes[at]!, 0x01000193);
    return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 0;
  }

  #lookUp(size: number, hash: number): number {
    const [slots, bytes, used] = [this.#slots, this.#bytes, this.#used];
    const mask = slots.length - 1;
    for (let slot = (hash ^ (hash >>> 16)) & mask; slots[slot] !== empty; slot = (slot + 1) & mask) {
      const place = slots[slot]!;
      if (this.#hashes.get(place) !== hash) continue;
      const start = this.#startOf(place);
      if (this.#ends.get(place) - start !== size) continue;
      let i = 0;
      while (i < size && bytes[start + i] === bytes[used + i]) i++;
      if (i === size) return place;
    }
    return empty;
  }

  #keep(size: number, hash: number): number {
    const place = this.length;
    this.#used += size;
    this.#ends.push(this.#used);
    this.#hashes.push(hash);
    if (2 * this.length > this.#slots.length) {
      this.#slots = new Int32Array(2 * this.#slots.length).fill(empty);
      for (let other = 0; other <= place; other++) this.#index(other);
    } else {
      this.#index(place);
    }
    return place;
  }

  #index(place: number): void {
    const mask = this.#slots.length - 1;
    const hash = this.#hashes.get(place);
    let slot = (hash ^ (hash >>> 16)) & mask;
    while (this.#slots[slot] !== empty) slot = (slot + 1) & mask;
    this.#slots[slot] = place;
  }
}
