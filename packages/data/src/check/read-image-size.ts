import sharp from 'sharp';
import type { ImageSize } from '../convert/box-convention.js';
import type { ImageFolder } from './image-folder.js';

/** Width and height of an image as it is shown (EXIF orientation applied), from its header; undefined when it is missing or unreadable. */
export async function readImageSize(image: number | string, folder: ImageFolder): Promise<ImageSize | undefined> {
  const path = folder.find(image);
  if (path === undefined) return undefined;
  try {
    const { autoOrient, width, height } = await sharp(path).metadata();
    return { width: autoOrient.width ?? width, height: autoOrient.height ?? height };
  } catch {
    return undefined;
  }
}
