/** A typed array that grows at its end by half its size, so that a million rows cost little more than their bytes. */
export class GrowingArray<A extends Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array> {
  #values: A;
  #length = 0;

  constructor(create: (length: number) => A) {
    this.#create = create;
    this.#values = create(1024);
  }

  readonly #create: (length: number) => A;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.#create(Math.ceil(this.#length * 1.5));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  get(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** The values so far: a view that the next push may leave behind. */
  get values(): A {
    return this.#values.subarray(0, this.#length) as A;
  }
}
