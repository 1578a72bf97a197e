import { decodeByVips } from './decode-by-vips.js';
import { decodePhoto } from './decode-photo.js';
import { assertImageBytes, readImageFile } from './read-image-file.js';

/** A decoded image: RGB, 8 bits, row-major `[height, width, 3]`. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes a JPEG, PNG, WebP, GIF, TIFF or AVIF image as OpenCV's `imread` does: as RGB of 8 bits, grey and palettes widened, CMYK converted, 16 bits reduced
 * to the upper 8, transparency dropped (not blended), turned as EXIF says, color profiles ignored.
 *
 * Which files are refused says {@link readImageFile}.
 *
 * @param image   path of a file, or its bytes.
 * @param record  what the image belongs to, for messages.
 * @throws {FileError} when the file is missing; {DataFormatError} when it is truncated, too large or no image.
 */
export async function decodeImage(image: string | Uint8Array, record?: string | number): Promise<DecodedImage> {
  const isFile = typeof image === 'string';
  const file = isFile ? image : 'image bytes';
  const bytes = isFile ? readImageFile(image, record) : Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  if (!isFile) assertImageBytes(bytes, file, record);
  const photo = decodePhoto(bytes);
  return photo ? { ...photo, pixels: photo.pixels.slice() } : decodeByVips(bytes, file, record);
}
