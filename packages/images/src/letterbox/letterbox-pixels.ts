import { computeLetterbox, type Letterbox, UsageError } from '@refclip/structures';
import type { DecodedImage } from '../decode/decode-image.js';
import { resizeByLoop } from './resize-by-loop.js';
import { resizeBySimd } from './resize-by-simd.js';
import { neighbors } from './resize-neighbors.js';

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
 * Equal to OpenCV's result within ±1, and the same on every machine.
 *
 * @param size  side of the square, pixels.
 * @param into  `[size, size, 3]`, memory for the pixels, where many images pass through; fresh memory without.
 * @throws {UsageError} for memory of another length.
 */
export function letterboxPixels(image: DecodedImage, size: number, into?: Uint8Array): LetterboxedImage {
  if (into && into.length !== size * size * 3)
    throw new UsageError(
      `letterboxPixels: the memory has ${into.length} bytes; expected ${size * size * 3}, ${size} × ${size} × 3.`,
    );
  const letterbox = computeLetterbox(image.width, image.height, size);
  const { resizedWidth, resizedHeight, padX, padY } = letterbox;
  const across = neighbors(image.width, resizedWidth, 3);
  const down = neighbors(image.height, resizedHeight, 3 * image.width);
  const area = { left: padX, top: padY, size, padding };
  const fast = resizeBySimd(image.pixels, across, down, area, into);
  if (fast) return { pixels: fast, letterbox };
  const pixels = resizeByLoop(image.pixels, across, down, area);
  into?.set(pixels);
  return { pixels: into ?? pixels, letterbox };
}
