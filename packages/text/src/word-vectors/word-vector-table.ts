import { DataFormatError } from '@refclip/structures';

/** More numbers per word are taken for a damaged file. */
const MAX_DIMENSION = 1 << 16;

/**
 * Vectors for a list of words, filled while a file is read. Only the wanted words take memory: `words × dimension` floats.
 * The first vector of a word counts: files of vectors are sorted by frequency.
 */
export class WordVectorTable {
  readonly words: readonly string[];
  readonly #rows: ReadonlyMap<string, number>;
  readonly #found: Uint8Array;
  readonly #expectedDimension: number | undefined;
  #vectors = new Float32Array(0);
  #dimension = 0;
  #count = 0;

  /** @param expectedDimension  numbers per word that a file must have; any when left out. */
  constructor(words: readonly string[], expectedDimension?: number) {
    this.words = words;
    this.#expectedDimension = expectedDimension;
    this.#rows = new Map(words.map((word, row) => [word, row]));
    this.#found = new Uint8Array(words.length);
  }

  /** Numbers per word; 0 before the first `setDimension`. */
  get dimension(): number {
    return this.#dimension;
  }

  /** float32 `[words, dimension]`; zeros for a word without a vector. */
  get vectors(): Float32Array {
    return this.#vectors;
  }

  /** The words without a vector, in the order of the list. */
  get missing(): readonly string[] {
    return this.words.filter((_, row) => !this.#found[row]);
  }

  get isComplete(): boolean {
    return this.#count === this.words.length;
  }

  /** @throws {DataFormatError} when it is no sensible number, or another than expected. */
  setDimension(dimension: number, file: string): void {
    const expected = this.#expectedDimension ?? dimension;
    if (dimension !== expected || !Number.isInteger(dimension) || dimension < 1 || dimension > MAX_DIMENSION) {
      const wanted = this.#expectedDimension ?? `1 to ${MAX_DIMENSION}`;
      throw new DataFormatError({ file }, `holds vectors of ${dimension} numbers; expected ${wanted}.`);
    }
    this.#dimension = dimension;
    this.#vectors = new Float32Array(this.words.length * dimension);
  }

  /** The row that still waits for a vector of this word. */
  waitingRow(word: string): number | undefined {
    const row = this.#rows.get(word);
    return row === undefined || this.#found[row] ? undefined : row;
  }

  /** Takes a vector for a row, unless it has one. */
  set(row: number, vector: ArrayLike<number>): void {
    if (this.#found[row]) return;
    this.#vectors.set(vector, row * this.#dimension);
    this.#found[row] = 1;
    this.#count++;
  }
}
