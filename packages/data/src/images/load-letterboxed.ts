import { decodeImage } from './decode-image.js';
import { type LetterboxedImage, letterboxPixels } from './letterbox-pixels.js';

/**
 * Decodes and letterboxes an image file.
 *
 * @param record  what the image belongs to, for messages.
 * @throws {FileError} when the file is missing; {DataFormatError} when it cannot be decoded.
 */
export async function loadLetterboxed(file: string, size: number, record?: string | number): Promise<LetterboxedImage> {
  return letterboxPixels(await decodeImage(file, record), size);
}
