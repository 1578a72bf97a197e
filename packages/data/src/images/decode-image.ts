import { open } from 'node:fs/promises';
import { DataFormatError, FileError, RefclipError } from '@refclip/structures';
import sharp from 'sharp';

/** A decoded image: RGB, 8 bits, row-major `[height, width, 3]`. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The most pixels an image may claim: what a larger one would take in memory is not worth the risk. */
const mostPixels = 1 << 27;
/** The longest file that is read. */
const mostBytes = 1 << 29;

/**
 * Decodes a JPEG, PNG, WebP, GIF, TIFF or AVIF image as OpenCV's `imread` does: as RGB of 8 bits, grey and palettes widened, CMYK converted, 16 bits reduced
 * to the upper 8, transparency dropped (not blended), turned as EXIF says, color profiles ignored.
 *
 * The format is taken from the first bytes, never from the name; formats that hold programs or links (SVG, PDF) are refused.
 *
 * @param record  what the image belongs to, for messages.
 * @throws {FileError} when the file is missing; {DataFormatError} when it is truncated, too large or no image.
 */
export async function decodeImage(file: string, record?: string | number): Promise<DecodedImage> {
  const bytes = await readBytes(file, record);
  if (!isImage(bytes)) {
    const found = bytes.length ? `the file begins with ${bytes.toString('hex', 0, 8)}` : 'the file is empty';
    throw new DataFormatError(
      { file, record },
      `no image (${found}); expected a JPEG, PNG, WebP, GIF, TIFF or AVIF file. Replace or remove it.`,
    );
  }
  try {
    const { data, info } = await sharp(bytes, {
      failOn: 'truncated',
      limitInputPixels: mostPixels,
      sequentialRead: true,
      ignoreIcc: true,
    })
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

async function readBytes(file: string, record: string | number | undefined): Promise<Buffer> {
  const where = record === undefined ? '' : `, record ${record}`;
  try {
    const handle = await open(file);
    try {
      const entry = await handle.stat();
      if (!entry.isFile()) throw new FileError(file, `is no file${where}.`);
      if (entry.size > mostBytes)
        throw new DataFormatError({ file, record }, `${entry.size} bytes; expected at most ${mostBytes}.`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (RefclipError.isInstance(cause)) throw cause;
    throw new FileError(file, `the image cannot be read (${(cause as NodeJS.ErrnoException).code})${where}.`, {
      cause,
    });
  }
}

/** First bytes of the formats, as Latin-1 text. */
const beginnings = [
  /^\xff\xd8\xff/,
  /^\x89PNG\r\n/,
  /^RIFF.{4}WEBP/s,
  /^GIF8[79]a/,
  /^(?:II\*\0|MM\0\*)/,
  /^.{4}ftyp(?:avif|avis|mif1)/s,
];

function isImage(bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, 16);
  return beginnings.some((beginning) => beginning.test(start));
}

function widenGrey(grey: Uint8Array, count: number): Uint8Array {
  const pixels = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) pixels.fill(grey[i] as number, 3 * i, 3 * i + 3);
  return pixels;
}
