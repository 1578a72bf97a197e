import { fileURLToPath } from 'node:url';
import { type DecodedImage, decodeImage } from '@refclip/images';
import { assertPicture } from './assert-picture.js';
import type { Picture } from './opened-model.js';

/**
 * The pixels of a picture, the way people see it.
 *
 * @throws {UsageError} for pixels that do not fit their size and for addresses; {FileError} for a file that is not there; {DataFormatError} for what is no image.
 */
export async function readPicture(picture: Picture): Promise<DecodedImage> {
  assertPicture(picture);
  if (picture instanceof Uint8Array) return await decodeImage(picture);
  if (typeof picture !== 'string' && !(picture instanceof URL)) return picture;
  const text = String(picture);
  return await decodeImage(/^file:/i.test(text) ? fileURLToPath(text) : text);
}
