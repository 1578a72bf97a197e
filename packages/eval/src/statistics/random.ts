/** A stream of uniform 32-bit integers, the same for the same seed on every machine. */
export type RandomStream = () => number;

/**
 * Small fast counting generator (sfc32), seeded with one number.
 *
 * @see Chris Doty-Humphrey's PractRand, http://pracrand.sourceforge.net
 */
export function createRandomStream(seed: number): RandomStream {
  let [a, b, c, counter] = [0, seed | 0, Math.floor(seed / 2 ** 32) | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // The first numbers still show the seed.
  for (let i = 0; i < 15; i++) next();
  return next;
}
