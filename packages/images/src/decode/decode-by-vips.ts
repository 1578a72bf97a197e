import { isMainThread } from 'node:worker_threads';
import sharp from 'sharp';
import type { DecodedImage } from './decode-image.js';
import { decoding, openImage } from './open-image.js';

if (!isMainThread) {
  // Threads that decode are the parallelism, and nothing is decoded twice.
  sharp.concurrency(1);
  sharp.cache(false);
}

/**
 * Decodes the bytes of an image file by sharp, whatever its format; what comes out says {@link decodeImage}.
 *
 * @param file    where the bytes are from, for messages.
 * @param record  what the image belongs to, for messages.
 * @throws {DataFormatError} when it is truncated, too large or no image.
 */
export async function decodeByVips(bytes: Buffer, file: string, record?: string | number): Promise<DecodedImage> {
  return decoding(file, record, async () => {
    const { data, info } = await openImage(bytes)
      .rotate()
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = info.channels === 3 ? data : widenGrey(data, info.width * info.height);
    return { pixels, width: info.width, height: info.height };
  });
}

function widenGrey(grey: Uint8Array, count: number): Uint8Array {
  const pixels = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) pixels.fill(grey[i] as number, 3 * i, 3 * i + 3);
  return pixels;
}
