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
  const across = samples(image.width, resizedWidth);
  const down = samples(image.height, resizedHeight);
  const source = image.pixels;
  const stride = image.width * 3;
  for (let y = 0; y < resizedHeight; y++) {
    const top = (down.low[y] as number) * stride;
    const bottom = (down.high[y] as number) * stride;
    const fy = down.fraction[y] as number;
    let target = ((padY + y) * size + padX) * 3;
    for (let x = 0; x < resizedWidth; x++) {
      const left = (across.low[x] as number) * 3;
      const right = (across.high[x] as number) * 3;
      const fx = across.fraction[x] as number;
      for (let channel = 0; channel < 3; channel++) {
        const a = source[top + left + channel] as number;
        const b = source[bottom + left + channel] as number;
        const upper = a + ((source[top + right + channel] as number) - a) * fx;
        const lower = b + ((source[bottom + right + channel] as number) - b) * fx;
        pixels[target++] = upper + (lower - upper) * fy + 0.5;
      }
    }
  }
  return { pixels, letterbox };
}

/** For each output position the two input positions it mixes and the share of the second. */
function samples(from: number, to: number) {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const fraction = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max((i + 0.5) * (from / to) - 0.5, 0), from - 1);
    low[i] = Math.floor(position);
    high[i] = Math.min((low[i] as number) + 1, from - 1);
    fraction[i] = position - (low[i] as number);
  }
  return { low, high, fraction };
}
