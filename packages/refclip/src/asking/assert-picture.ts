import { UsageError } from '@refclip/structures';
import type { Picture } from './opened-model.js';

/** @throws {UsageError} unless this is a path, bytes, or pixels that fit their size. */
export function assertPicture(picture: Picture): void {
  if (typeof picture === 'string' || picture instanceof URL) {
    const text = String(picture);
    if (/^(https?|data|blob):/i.test(text))
      throw new UsageError(
        `ground: ${text.slice(0, 60)} is an address; expected a path. Fetch it first and give the bytes: new Uint8Array(await (await fetch(address)).arrayBuffer()).`,
      );
    return;
  }
  if (picture instanceof Uint8Array) return;
  if (typeof picture !== 'object' || picture === null)
    throw new UsageError(
      `ground: a picture is ${picture}; expected a path, the bytes of a file, or { pixels, width, height }.`,
    );
  const { pixels, width, height } = picture;
  const isSize = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
  if (!isSize(width) || !isSize(height))
    throw new UsageError(`ground: a picture of ${width} × ${height} pixels; expected whole numbers above 0.`);
  if (!(pixels instanceof Uint8Array) || pixels.length !== width * height * 3) {
    const got = pixels instanceof Uint8Array ? `${pixels.length} bytes` : typeof pixels;
    throw new UsageError(
      `ground: ${got} for a picture of ${width} × ${height}; expected a Uint8Array of ${width * height * 3}, RGB of 8 bits without alpha.`,
    );
  }
}
