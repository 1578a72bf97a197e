import { type ResizeArea, weightBits } from './resize-neighbors.js';

const one = 1 << weightBits;
const half = 1 << (2 * weightBits - 1);

/**
 * Resizes RGB bytes into a square, pixel by pixel: for images and machines that {@link resizeBySimd} leaves, and to check it by.
 *
 * @param across  {@link neighbors} of the columns.
 * @param down    of the rows.
 * @returns `[size, size, 3]`
 */
export function resizeByLoop(
  source: Uint8Array,
  across: Int32Array,
  down: Int32Array,
  { left, top, size, padding }: ResizeArea,
): Uint8Array {
  const pixels = new Uint8Array(size * size * 3).fill(padding);
  for (let y = 0; 3 * y < down.length; y++) {
    const upper = down[3 * y] as number;
    const lower = down[3 * y + 1] as number;
    const below = down[3 * y + 2] as number;
    let target = ((top + y) * size + left) * 3;
    for (let x = 0; x < across.length; x += 3) {
      const right = across[x + 2] as number;
      // Weights of the four neighbours; they sum to 2²², so that with a byte they stay within 30 bits.
      const w11 = right * below;
      const w01 = (right << weightBits) - w11;
      const w10 = (below << weightBits) - w11;
      const w00 = one * one - w01 - w10 - w11;
      for (let channel = 0; channel < 3; channel++) {
        const first = (across[x] as number) + channel;
        const second = (across[x + 1] as number) + channel;
        pixels[target++] =
          ((source[upper + first] as number) * w00 +
            (source[upper + second] as number) * w01 +
            (source[lower + first] as number) * w10 +
            (source[lower + second] as number) * w11 +
            half) >>
          (2 * weightBits);
      }
    }
  }
  return pixels;
}
