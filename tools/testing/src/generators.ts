/** 32-bit FNV-1a hash of a UTF-8 string: the seed of the numbers that fixtures generate from a tensor's name. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** Uniform numbers in [0, 1) from the mulberry32 generator; element i depends on `seed + (i + 1) · 0x6D2B79F5` alone. */
export function mulberry32(seed: number, length: number): Float64Array {
  const values = new Float64Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    values[i] = ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  return values;
}

/** Seeded uniform float32 numbers in [low, high), for tests. */
export function uniform(name: string, length: number, low = -1, high = 1): Float32Array {
  return Float32Array.from(mulberry32(fnv1a(name), length), (u) => low + (high - low) * u);
}
