import { UsageError } from '@refclip/structures';

/** @returns `COCO_train2014_%012d.jpg` */
export function cocoImageName(id: number): string {
  return `COCO_train2014_${String(id).padStart(12, '0')}.jpg`;
}

/**
 * A pattern of file names as a function of image ids: `%d` in it becomes the id, `%012d` the id with zeros in front.
 *
 * @throws {UsageError} for a pattern without exactly one of them.
 * @example
 * imageNamePattern('images/%06d.png')(42); // 'images/000042.png'
 */
export function imageNamePattern(pattern: string): (id: number) => string {
  const [before, width, after, ...more] = pattern.split(/%(?:0([1-9]\d?))?d/);
  if (after === undefined || more.length > 0)
    throw new UsageError(
      `"${pattern}" is no pattern of file names; expected one %d or, for zeros in front, one %012d.`,
    );
  return (id) => `${before}${String(id).padStart(Number(width ?? 0), '0')}${after}`;
}
