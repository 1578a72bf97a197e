/**
 * Sums the residuals of each cluster; cleared at the cost of the clusters it has met, so that one serves many small groups in turn.
 *
 * @internal
 */
export class ClusterResiduals {
  readonly #sums: Float64Array;
  readonly #met: Uint8Array;
  /** Clusters in order of first appearance; the first `#size` count. */
  readonly #order: Int32Array;
  #size = 0;

  /** @param clusters  `[N]`, all that will be added: whole numbers from 0. */
  constructor(clusters: ArrayLike<number>) {
    let most = -1;
    for (let i = 0; i < clusters.length; i++) most = Math.max(most, clusters[i]!);
    this.#sums = new Float64Array(most + 1);
    this.#met = new Uint8Array(most + 1);
    this.#order = new Int32Array(most + 1);
  }

  /** Clusters met since the last `clear`. */
  get size(): number {
    return this.#size;
  }

  /** Adds `value − mean` to its cluster. */
  add(cluster: number, value: number, mean: number): void {
    if (this.#met[cluster] === 0) {
      this.#met[cluster] = 1;
      this.#order[this.#size++] = cluster;
    }
    this.#sums[cluster] = this.#sums[cluster]! + value - mean;
  }

  /** Squares of the clusters' sums, added in order of first appearance. */
  sumOfSquares(): number {
    let squares = 0;
    for (let place = 0; place < this.#size; place++) squares += this.#sums[this.#order[place]!]! ** 2;
    return squares;
  }

  clear(): void {
    for (let place = 0; place < this.#size; place++) {
      const cluster = this.#order[place]!;
      this.#sums[cluster] = 0;
      this.#met[cluster] = 0;
    }
    this.#size = 0;
  }
}
