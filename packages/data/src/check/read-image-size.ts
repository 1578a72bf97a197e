import { RefclipError } from '@refclip/structures';
import type { ImageSize } from '../convert/box-convention.js';
import { importImages } from '../peers/import-images.js';
import type { ImageFolder } from './image-folder.js';

/**
 * Width and height of an image as it is shown (EXIF orientation applied), from its header; undefined when it is missing or unreadable.
 *
 * @throws {UsageError} when `@refclip/images` is not installed.
 */
export async function readImageSize(image: number | string, folder: ImageFolder): Promise<ImageSize | undefined> {
  const path = folder.find(image);
  if (path === undefined) return undefined;
  const { imageSizeOf } = await importImages('Reading the size of images');
  try {
    return await imageSizeOf(path);
  } catch (error) {
    if (!RefclipError.isInstance(error)) throw error;
    return undefined;
  }
}
