const scale = 2 ** 26;

/**
 * A sum that does not depend on the order of its terms, so that shards merged in any order give the same bits.
 *
 * Each term is rounded to a multiple of 2⁻⁵² and added as two integers; a mean of numbers in [0, 1] is therefore within 1.2e-16 of the exact one.
 * Exact for up to 2²⁶ terms of magnitude at most 1, and accordingly fewer larger ones.
 */
export class FixedPointSum {
  #high = 0;
  #low = 0;

  /** Adds a finite number of magnitude below 2²⁶. */
  add(value: number): void {
    const scaled = value * scale;
    const high = Math.floor(scaled);
    this.#high += high;
    this.#low += Math.round((scaled - high) * scale);
  }

  /** Adds all of another sum; the other is unchanged. */
  merge(other: FixedPointSum): void {
    this.#high += other.#high;
    this.#low += other.#low;
  }

  get value(): number {
    const carry = Math.floor(this.#low / scale);
    return (this.#high + carry) / scale + (this.#low - carry * scale) / scale / scale;
  }
}
