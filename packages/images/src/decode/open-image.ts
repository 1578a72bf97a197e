import { DataFormatError } from '@refclip/structures';
import sharp, { type Sharp } from 'sharp';
import { beginningBytes, readImageFile } from './read-image-file.js';

/** The most pixels an image may claim: what a larger one would take in memory is not worth the risk. */
const mostPixels = 1 << 27;

/** An image for sharp to work on: the bytes of {@link readImageFile}, or a file that is read by it. */
export function openImage(image: string | Buffer): Sharp {
  const bytes = typeof image === 'string' ? readImageFile(image) : image;
  return sharp(bytes, { failOn: 'truncated', limitInputPixels: mostPixels, sequentialRead: true, ignoreIcc: true });
}

/**
 * Width and height of an image as it is shown (EXIF orientation applied), from its header.
 *
 * @throws as {@link readImageFile}, and for a header that cannot be read.
 */
export async function imageSizeOf(file: string, record?: string | number): Promise<{ width: number; height: number }> {
  readImageFile(file, record, beginningBytes);
  return decoding(file, record, async () => {
    const { width, height } = (await sharp(file, { limitInputPixels: mostPixels }).metadata()).autoOrient;
    return { width, height };
  });
}

/** Runs what decodes an image; its failure becomes a {DataFormatError} that names file and record. */
export async function decoding<T>(
  file: string,
  record: string | number | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new DataFormatError({ file, record }, `no image that can be decoded (${reason}). Replace or remove it.`, {
      cause,
    });
  }
}
