import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { DataFormatError, FileError, RefclipError } from '@refclip/structures';

/** The longest file that is read. */
const mostBytes = 1 << 29;

/** First bytes of the formats, as Latin-1 text. */
const beginnings = [
  /^\xff\xd8\xff/,
  /^\x89PNG\r\n/,
  /^RIFF.{4}WEBP/s,
  /^GIF8[79]a/,
  /^(?:II\*\0|MM\0\*)/,
  /^.{4}ftyp(?:avif|avis|mif1)/s,
];
/** Bytes from which the format is known. */
export const beginningBytes = 16;

/**
 * The bytes of an image file; nothing is decoded yet. Every image from outside comes in here.
 *
 * The format is taken from the first bytes, never from the name; formats that hold programs or links (SVG, PDF) are refused.
 *
 * The calls block: together they take 0.03 ms for a photograph, and passing each to the thread pool and back 0.15 ms and more when all cores decode.
 * A named pipe is opened without waiting for somebody to write into it, and refused.
 *
 * @param record  what the image belongs to, for messages.
 * @param limit   bytes to read at most, from the beginning.
 * @throws {FileError} when the file is missing; {DataFormatError} when it is no image or too large a file.
 */
export function readImageFile(file: string, record?: string | number, limit = mostBytes): Buffer {
  const where = record === undefined ? '' : `, record ${record}`;
  let bytes: Buffer;
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const entry = fstatSync(descriptor);
      if (!entry.isFile()) throw new FileError(file, `is no file${where}.`);
      if (entry.size > mostBytes)
        throw new DataFormatError({ file, record }, `${entry.size} bytes; expected at most ${mostBytes}.`);
      bytes = readUpTo(descriptor, Math.min(entry.size, limit));
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    if (RefclipError.isInstance(cause)) throw cause;
    throw new FileError(file, `the image cannot be read (${(cause as NodeJS.ErrnoException).code})${where}.`, {
      cause,
    });
  }
  assertImageBytes(bytes, file, record);
  return bytes;
}

/**
 * That bytes begin as an image file of one of the formats that are read, and are not too many.
 *
 * @param file    where they are from, for messages.
 * @param record  what the image belongs to, for messages.
 * @throws {DataFormatError} otherwise.
 */
export function assertImageBytes(bytes: Buffer, file: string, record?: string | number): void {
  if (bytes.length > mostBytes)
    throw new DataFormatError({ file, record }, `${bytes.length} bytes; expected at most ${mostBytes}.`);
  const start = bytes.toString('latin1', 0, beginningBytes);
  if (beginnings.some((beginning) => beginning.test(start))) return;
  const found = bytes.length ? `the file begins with ${bytes.toString('hex', 0, 8)}` : 'the file is empty';
  throw new DataFormatError(
    { file, record },
    `no image (${found}); expected a JPEG, PNG, WebP, GIF, TIFF or AVIF file. Replace or remove it.`,
  );
}

/** Less when the file ends earlier. */
function readUpTo(descriptor: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, filled);
    if (!count) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
