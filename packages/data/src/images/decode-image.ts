import { stat } from 'node:fs/promises';
import { DataFormatError, FileError } from '@refclip/structures';
import sharp from 'sharp';

/** A decoded image: RGB, 8 bits, row-major `[height, width, 3]`. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The most pixels an image may claim: what a larger one would take in memory is not worth the risk. */
const mostPixels = 1 << 27;

/**
 * Decodes a JPEG, PNG or other image as RGB: grey and palettes widened, CMYK converted, 16 bits reduced, transparency dropped (not blended), and turned as
 * EXIF says, which is what OpenCV's `imread` does.
 *
 * @param record  what the image belongs to, for messages.
 * @throws {FileError} when the file is missing; {DataFormatError} when it is truncated, too large or no image.
 */
export async function decodeImage(file: string, record?: string | number): Promise<DecodedImage> {
  await stat(file).catch((cause: NodeJS.ErrnoException) => {
    throw new FileError(
      file,
      `the image cannot be read (${cause.code})${record === undefined ? '' : `, record ${record}`}.`,
      { cause },
    );
  });
  try {
    const { data, info } = await sharp(file, { failOn: 'truncated', limitInputPixels: mostPixels })
      .rotate()
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = info.channels === 3 ? data : widenGrey(data, info.width * info.height);
    return { pixels, width: info.width, height: info.height };
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new DataFormatError({ file, record }, `no image that can be decoded (${reason}). Replace or remove it.`, {
      cause,
    });
  }
}

function widenGrey(grey: Uint8Array, count: number): Uint8Array {
  const pixels = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) pixels.fill(grey[i] as number, 3 * i, 3 * i + 3);
  return pixels;
}
