import { decodePhoto } from '../decode/decode-photo.js';
import { readImageFile } from '../decode/read-image-file.js';
import { type LetterboxedImage, letterboxPixels } from './letterbox-pixels.js';

/**
 * Decodes and letterboxes an image file.
 *
 * @param record  what the image belongs to, for messages.
 * @param into    `[size, size, 3]`, memory for the pixels; fresh memory without.
 * @throws {FileError} when the file is missing; {DataFormatError} when it cannot be decoded.
 */
export async function loadLetterboxed(
  file: string,
  size: number,
  record?: string | number,
  into?: Uint8Array,
): Promise<LetterboxedImage> {
  const bytes = readImageFile(file, record);
  // The pixels of a photograph are borrowed: nothing may be awaited between the two calls.
  const photo = decodePhoto(bytes);
  if (photo) return letterboxPixels(photo, size, into);
  // Loading sharp takes 40 to 70 ms in a thread, as long as some twenty photographs, and a decoding thread may never need it.
  const { decodeByVips } = await import('../decode/decode-by-vips.js');
  return letterboxPixels(await decodeByVips(bytes, file, record), size, into);
}
