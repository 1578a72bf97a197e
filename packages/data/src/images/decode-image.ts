import { decoding, openImage } from './open-image.js';

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
 * Which files are refused says {@link openImage}.
 *
 * @param record  what the image belongs to, for messages.
 * @throws {FileError} when the file is missing; {DataFormatError} when it is truncated, too large or no image.
 */
export async function decodeImage(file: string, record?: string | number): Promise<DecodedImage> {
  const source = await openImage(file, record);
  return decoding(file, record, async () => {
    const { data, info } = await source
      .rotate()
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = info.channels === 3 ? data : widenGrey(data, info.width * info.height);
    return { pixels, width: info.width, height: info.height };
  });
}

function widenGrey(grey: Uint8Array, count: number): Uint8Array {
  const pixels = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) pixels.fill(grey[i] as number, 3 * i, 3 * i + 3);
  return pixels;
}
