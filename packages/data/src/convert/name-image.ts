import { imageIdOf, imageKey } from '@refclip/records';

/** The image of a record, and its file's name where the id alone would give another. */
export interface NamedImage {
  readonly image: number | string;
  readonly imageName?: string;
}

/**
 * An image of one's own, as a file names it: an id where the name holds one by the rule of `@refclip/records` (COCO's names and bare numbers), otherwise the name with its
 * folder and extension. The file's name is kept beside an id whose file is not COCO's train2014 one.
 */
export function nameOwnImage(name: number | string): NamedImage {
  const image = imageIdOf(name);
  if (image === undefined) return { image: imageKey(name) };
  const isBareNumber = typeof name === 'number' || imageKey(name) === name || /^(?:\.?[\\/])*\d{1,11}$/.test(name);
  if (isBareNumber || /(?:^|[\\/])COCO_train2014_/.test(name)) return { image };
  const path = name.replaceAll('\\', '/');
  return { image, imageName: /\.[A-Za-z]{3,4}$/.test(path) ? path : `${path}.jpg` };
}

/** An image of a tool that numbers its images: as {@link nameOwnImage}, and `25.jpg`, as ReferItGame's are called, is the id 25. */
export function nameImage(name: number | string): NamedImage {
  return isNumberedFile(name) ? { image: Number.parseInt(name, 10), imageName: name } : nameOwnImage(name);
}

/** Whether a name is that of a file which a tool numbers: `25.jpg`. */
export function isNumberedFile(name: number | string | undefined): name is string {
  return typeof name === 'string' && /^[1-9]\d{0,10}\.jpg$/.test(name);
}
