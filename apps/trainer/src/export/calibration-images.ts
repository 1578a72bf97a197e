import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, letterboxPixels } from '@refclip/images';
import { UsageError } from '@refclip/structures';

/**
 * Images of a folder, letterboxed, spread evenly over their names when there are more than asked for.
 *
 * @returns RGB `[size, size, 3]` each, decoded when it is asked for.
 * @throws {UsageError} when the folder cannot be read or has no image.
 */
export async function calibrationImages(
  folder: string,
  size: number,
  most: number,
): Promise<{ readonly count: number; readonly images: AsyncGenerator<Uint8Array> }> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--calibrate ${folder}: the folder cannot be read (${error.code}).`);
  });
  const found = names.filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).sort();
  if (!found.length) throw new UsageError(`--calibrate ${folder}: no .jpg, .png or .webp image is there.`);
  const count = Math.min(most, found.length);
  const chosen = Array.from({ length: count }, (_, i) => found[Math.floor((i * found.length) / count)] as string);
  return {
    count,
    images: letterboxed(
      chosen.map((name) => join(folder, name)),
      size,
    ),
  };
}

async function* letterboxed(files: readonly string[], size: number): AsyncGenerator<Uint8Array> {
  for (const file of files) yield letterboxPixels(await decodeImage(file), size).pixels;
}
