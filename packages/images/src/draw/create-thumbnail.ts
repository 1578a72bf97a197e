import { decoding, openImage } from '../decode/open-image.js';

/** A small copy of an image, for pages. */
export interface Thumbnail {
  /** An image file of the format asked for. */
  readonly bytes: Uint8Array;
  /** Size of the whole image as it is shown (EXIF orientation applied), pixels. */
  readonly width: number;
  readonly height: number;
}

/** What a thumbnail is like. */
export interface ThumbnailOptions {
  /** Of the copy at most, pixels; an image that is smaller keeps its size. */
  readonly width: number;
  /** Default: as the width has it. */
  readonly height?: number;
  /** A JPEG shows transparency as white. */
  readonly format: 'jpeg' | 'webp';
  /** Of the encoder, 1…100. */
  readonly quality: number;
}

/**
 * A small copy of an image, turned as EXIF says.
 *
 * @throws {FileError} when the file is missing; {DataFormatError} when it cannot be decoded.
 */
export async function createThumbnail(file: string, options: ThumbnailOptions): Promise<Thumbnail> {
  const { width, height, format, quality } = options;
  const source = openImage(file).autoOrient();
  return decoding(file, undefined, async () => {
    const size = (await source.metadata()).autoOrient;
    const small = source.resize({ width, height, fit: 'inside', withoutEnlargement: true });
    const shown = format === 'jpeg' ? small.flatten({ background: '#ffffff' }) : small;
    return { bytes: await shown.toFormat(format, { quality }).toBuffer(), width: size.width, height: size.height };
  });
}
