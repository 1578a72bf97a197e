const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
/** Counter word that sets key derivation apart from drawing. */
const DERIVE = 0x6b657973;
const TWO_32 = 4294967296;

/**
 * Random numbers as a pure function of a seed and a path of keys: nothing is consumed, so asking twice gives the same
 * numbers, and a resumed run draws what the interrupted one would have drawn.
 *
 * `random.stream('epoch', 3).permutation(n)` names the draw instead of depending on how many came before it.
 * The generator is Philox4x32-10: block i of a stream is the cipher of counter i under the stream's 64-bit key. Key
 * derivation hashes each key with 64 bits and enciphers it under the parent's key.
 *
 * @see Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3. Its published test vectors are tests here.
 * @example
 * const random = new CounterRandom(123456);
 * random.stream('order', 0).permutation(4); // Int32Array of 0…3, the same in every process
 */
export class CounterRandom {
  readonly #key0: number;
  readonly #key1: number;

  /** @param seed  a non-negative safe integer; all its bits count. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`CounterRandom: seed is ${seed}; expected a non-negative safe integer.`);
    }
    this.#key0 = seed >>> 0;
    this.#key1 = Math.floor(seed / TWO_32) >>> 0;
  }

  /** The stream with this path of keys below this one. Numbers and their decimal strings name the same stream. */
  stream(...keys: readonly (string | number)[]): CounterRandom {
    let [key0, key1] = [this.#key0, this.#key1];
    for (const key of keys) {
      const [low, high] = hash64(String(key));
      const block = philox4x32([low, high, DERIVE, 0], key0, key1);
      key0 = block[0] as number;
      key1 = block[1] as number;
    }
    return new CounterRandom((key1 & 0x1fffff) * TWO_32 + key0);
  }

  /** `length` uniform 32-bit words. */
  words(length: number): Uint32Array {
    const values = new Uint32Array(Math.ceil(length / 4) * 4);
    for (let block = 0; block * 4 < length; block++) {
      values.set(philox4x32([block, 0, 0, 0], this.#key0, this.#key1), block * 4);
    }
    return values.subarray(0, length);
  }

  /** `length` uniform numbers in [low, high), on a grid of 2⁻²⁴ of the range. */
  uniform(length: number, low = 0, high = 1): Float32Array {
    const scale = (high - low) / 16777216;
    return Float32Array.from(this.words(length), (word) => low + (word >>> 8) * scale);
  }

  /** `length` normal numbers (Box–Muller on pairs of words). */
  normal(length: number, mean = 0, standardDeviation = 1): Float32Array {
    const words = this.words(length + (length % 2));
    const values = new Float32Array(length);
    for (let i = 0; i < length; i += 2) {
      // (0, 1], so that the logarithm is finite
      const radius = Math.sqrt(-2 * Math.log(((words[i] as number) + 1) / TWO_32)) * standardDeviation;
      const angle = (2 * Math.PI * (words[i + 1] as number)) / TWO_32;
      values[i] = mean + radius * Math.cos(angle);
      if (i + 1 < length) values[i + 1] = mean + radius * Math.sin(angle);
    }
    return values;
  }

  /** `length` integers in 0 … below − 1. */
  integers(length: number, below: number): Int32Array {
    return Int32Array.from(this.words(length), (word) => Math.floor((word / TWO_32) * below));
  }

  /** A uniform permutation of 0 … length − 1 (Fisher–Yates). */
  permutation(length: number): Int32Array {
    const order = Int32Array.from({ length }, (_, i) => i);
    const words = this.words(length);
    for (let i = length - 1; i > 0; i--) {
      const j = Math.floor(((words[i] as number) / TWO_32) * (i + 1));
      const held = order[i] as number;
      order[i] = order[j] as number;
      order[j] = held;
    }
    return order;
  }

  /**
   * `length` independent flags, 1 with the given probability.
   *
   * Dropout asks for millions per step, so these come from a cheaper mixer than the other draws: each flag's counter goes through two keyed rounds of
   * MurmurHash3's finalizer.
   */
  bernoulli(length: number, probability: number): Uint8Array {
    const threshold = probability * TWO_32;
    const flags = new Uint8Array(length);
    const { 0: key0, 1: key1 } = this.words(2) as unknown as readonly [number, number];
    for (let i = 0; i < length; i++) {
      let word = Math.imul(i, 0x9e3779b9) ^ key0;
      word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
      word = (word ^ (word >>> 16)) + key1;
      word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
      if ((word ^ (word >>> 16)) >>> 0 < threshold) flags[i] = 1;
    }
    return flags;
  }
}

/** The Philox4x32-10 block cipher: four words of counter and two of key in, four words out. */
export function philox4x32(counter: readonly [number, number, number, number], key0: number, key1: number): number[] {
  let [c0, c1, c2, c3] = counter as [number, number, number, number];
  let [k0, k1] = [key0, key1];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** Upper 32 bits of the 64-bit product of two unsigned words. */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  // `middle` and `carry` stay below 2³³, beyond what `>>>` keeps, hence the divisions.
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) | 0;
}

/** Two 32-bit FNV-1a hashes of the UTF-8 text, from two bases. */
function hash64(text: string): [number, number] {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (const byte of new TextEncoder().encode(text)) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x85ebca6b) ^ (high >>> 15);
  }
  return [low >>> 0, high >>> 0];
}
