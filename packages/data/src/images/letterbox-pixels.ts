import { computeLetterbox, type Letterbox } from '@refclip/structures';
import type { DecodedImage } from './decode-image.js';

/** The grey around a letterboxed image, every channel. */
const padding = 127;

/** An image as the network sees it. */
export interface LetterboxedImage {
  /** RGB `[size, size, 3]`, 0…255. */
  readonly pixels: Uint8Array;
  readonly letterbox: Letterbox;
}

/** Weights of neighbours are whole numbers of this many bits, as OpenCV's are; two of them and a byte fill 30 bits. */
const bits = 11;
const one = 1 << bits;
const half = 1 << (2 * bits - 1);

/**
 * Resizes an image into a square, its aspect ratio kept, on grey 127.
 *
 * Bilinear without antialiasing, pixel centres at half positions as in OpenCV: output i samples input `(i + ½)·in/out − ½`, clamped to the image.
 * Equal to OpenCV's result within ±1.
 *
 * @param size  side of the square, pixels.
 */
export function letterboxPixels(image: DecodedImage, size: number): LetterboxedImage {
  const letterbox = computeLetterbox(image.width, image.height, size);
  const { resizedWidth, resizedHeight, padX, padY } = letterbox;
  const pixels = new Uint8Array(size * size * 3).fill(padding);
  const across = samples(image.width, resizedWidth, 3);
  const down = samples(image.height, resizedHeight, 3 * image.width);
  const source = image.pixels;
  for (let y = 0; y < resizedHeight; y++) {
    const top = down.low[y] as number;
    const bottom = down.high[y] as number;
    const lower = down.share[y] as number;
    let target = ((padY + y) * size + padX) * 3;
    for (let x = 0; x < resizedWidth; x++) {
      const right = across.share[x] as number;
      // Weights of the four neighbours; they sum to 2²², so that with a byte they stay within 30 bits.
      const w11 = right * lower;
      const w01 = (right << bits) - w11;
      const w10 = (lower << bits) - w11;
      const w00 = one * one - w01 - w10 - w11;
      const at00 = top + (across.low[x] as number);
      const at01 = top + (across.high[x] as number);
      const at10 = bottom + (across.low[x] as number);
      const at11 = bottom + (across.high[x] as number);
      // Red, green and blue; a loop over them takes half as long again.
      pixels[target] =
        ((source[at00] as number) * w00 +
          (source[at01] as number) * w01 +
          (source[at10] as number) * w10 +
          (source[at11] as number) * w11 +
          half) >>
        (2 * bits);
      pixels[target + 1] =
        ((source[at00 + 1] as number) * w00 +
          (source[at01 + 1] as number) * w01 +
          (source[at10 + 1] as number) * w10 +
          (source[at11 + 1] as number) * w11 +
          half) >>
        (2 * bits);
      pixels[target + 2] =
        ((source[at00 + 2] as number) * w00 +
          (source[at01 + 2] as number) * w01 +
          (source[at10 + 2] as number) * w10 +
          (source[at11 + 2] as number) * w11 +
          half) >>
        (2 * bits);
      target += 3;
    }
  }
  return { pixels, letterbox };
}

/** For each output position the offsets of the two input positions it mixes, and the share of the second, 0 … {@link one}. */
function samples(from: number, to: number, stride: number) {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const share = new Int32Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max((i + 0.5) * (from / to) - 0.5, 0), from - 1);
    const first = Math.floor(position);
    low[i] = first * stride;
    high[i] = Math.min(first + 1, from - 1) * stride;
    share[i] = Math.round((position - first) * one);
  }
  return { low, high, share };
}
