/** What a pickle remembers by number. Picklers count from 0, so nearly all of it lies in one array; whatever is out of order goes beside it. */
export class PickleMemo<T> {
  readonly #ordered: T[] = [];
  readonly #others = new Map<number, T>();

  /** How many numbers are taken. */
  get size(): number {
    return this.#ordered.length + this.#others.size;
  }

  set(index: number, value: T): void {
    if (index > this.#ordered.length) {
      this.#others.set(index, value);
      return;
    }
    this.#ordered[index] = value;
    this.#others.delete(index);
  }

  get(index: number): T | undefined {
    return index < this.#ordered.length ? this.#ordered[index] : this.#others.get(index);
  }

  clear(): void {
    this.#ordered.length = 0;
    this.#others.clear();
  }
}
