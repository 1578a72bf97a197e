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
    const belowShare = down.share[y] as number;
    const aboveShare = one - belowShare;
    let target = ((padY + y) * size + padX) * 3;
    for (let x = 0; x < resizedWidth; x++) {
      const left = across.low[x] as number;
      const right = across.high[x] as number;
      const rightShare = across.share[x] as number;
      // Of the four neighbours, the two on a side first: a mix of bytes needs 19 bits, a mix of those 30.
      const leftShare = one - rightShare;
      for (let channel = 0; channel < 3; channel++) {
        const above =
          Math.imul(source[top + left + channel] as number, leftShare) +
          Math.imul(source[top + right + channel] as number, rightShare);
        const below =
          Math.imul(source[bottom + left + channel] as number, leftShare) +
          Math.imul(source[bottom + right + channel] as number, rightShare);
        pixels[target++] = (Math.imul(above, aboveShare) + Math.imul(below, belowShare) + half) >> (2 * bits);
      }
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
