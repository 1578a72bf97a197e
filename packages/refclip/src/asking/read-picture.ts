import { fileURLToPath } from 'node:url';
import { type DecodedImage, decodeImage } from '@refclip/images';
import { UsageError } from '@refclip/structures';
import type { Picture, RawPicture } from './opened-model.js';

/**
 * The pixels of a picture, the way people see it.
 *
 * @throws {UsageError} for pixels that do not fit their size and for addresses; {FileError} for a file that is not there; {DataFormatError} for what is no image.
 */
export async function readPicture(picture: Picture): Promise<DecodedImage> {
  if (picture instanceof Uint8Array) return await decodeImage(picture);
  if (picture instanceof URL || typeof picture === 'string') return await decodeImage(fileOf(picture));
  assertPixels(picture);
  return picture;
}

function fileOf(picture: string | URL): string {
  const text = String(picture);
  if (/^file:/i.test(text)) return fileURLToPath(text);
  if (/^(https?|data|blob):/i.test(text))
    throw new UsageError(
      `ground: ${text.slice(0, 60)} is an address; expected a path. Fetch it first and give the bytes: new Uint8Array(await (await fetch(address)).arrayBuffer()).`,
    );
  return text;
}

function assertPixels(picture: RawPicture): void {
  const { pixels, width, height } = picture;
  const isSize = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
  if (!isSize(width) || !isSize(height))
    throw new UsageError(`ground: a picture of ${width} × ${height} pixels; expected whole numbers above 0.`);
  if (!(pixels instanceof Uint8Array) || pixels.length !== width * height * 3) {
    const got = pixels instanceof Uint8Array ? `${pixels.length} bytes` : String(pixels);
    throw new UsageError(
      `ground: ${got} for a picture of ${width} × ${height}; expected a Uint8Array of ${width * height * 3}, RGB of 8 bits without alpha.`,
    );
  }
}
