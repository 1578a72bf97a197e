import { decoding, openImage } from '../decode/open-image.js';

/** A small copy of an image, for pages. */
export interface Thumbnail {
  /** A JPEG file. */
  readonly jpeg: Uint8Array;
  /** Size of the whole image as it is shown (EXIF orientation applied), pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * A small copy of an image, turned as EXIF says, transparency on white.
 *
 * @param width  of the copy at most, pixels; an image that is narrower keeps its size.
 * @throws {FileError} when the file is missing; {DataFormatError} when it cannot be decoded.
 */
export async function createThumbnail(file: string, width = 480): Promise<Thumbnail> {
  const source = openImage(file).autoOrient();
  return decoding(file, undefined, async () => {
    const size = (await source.metadata()).autoOrient;
    const small = source.resize({ width, withoutEnlargement: true }).flatten({ background: '#ffffff' });
    return { jpeg: await small.jpeg({ quality: 72 }).toBuffer(), width: size.width, height: size.height };
  });
}
