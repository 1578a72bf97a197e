import type { DecodedImage } from './decode-image.js';
import { imageArea, withImageKernels } from './image-kernels.js';

/** The memory of the module never shrinks, so larger images are left to libvips. */
const mostPixels = 1 << 23;
const mostBytes = 1 << 25;

/**
 * Decodes an ordinary photograph: a baseline JPEG in color or grey, without Exif, of at most 8 million pixels and 32 MiB. libjpeg-turbo in WebAssembly gives the samples that
 * libvips and OpenCV give, in less time than libvips, whose threads and memory cost as much as half the decoding.
 *
 * @returns the image, **valid until the next call** in this thread: `pixels` is a view of the module's memory. undefined for any other file, a damaged one too.
 */
export function decodePhoto(file: Uint8Array): DecodedImage | undefined {
  if (file[0] !== 0xff || file[1] !== 0xd8 || file.length > mostBytes) return undefined;
  return withImageKernels(({ memory, area, begin, height: heightOf, decode }) => {
    const at = area(imageArea.file, file.length);
    new Uint8Array(memory.buffer).set(file, at);
    const width = begin(file.length, mostPixels);
    if (!width) return undefined;
    const height = heightOf();
    const start = decode();
    return { pixels: new Uint8Array(memory.buffer, start, width * height * 3), width, height };
  });
}
