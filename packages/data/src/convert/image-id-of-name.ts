const named = /^(?:COCO_(?:train|val|test)20\d\d_(\d{12})(?:_\d+)?|(\d{12})|([1-9]\d{0,11}))\.jpg$/;

/**
 * The whole-number id in a file name of COCO or ReferItGame, or the name itself when it is another's.
 *
 * `COCO_train2014_000000581857.jpg`, `COCO_train2014_000000581857_16.jpg` (REFER appends a number), `000000581857.jpg` and `581857.jpg` give
 * 581857. A folder in front is dropped from COCO's long names alone; `mine/1.jpg`, `0001.jpg` and `1.png` stay names.
 */
export function imageIdOfName(name: string): number | string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  if (base !== name && !base.startsWith('COCO_')) return name;
  const match = named.exec(base);
  return match ? Number(match[1] ?? match[2] ?? match[3]) : name;
}

/** The image of a record, and its file's name where the id alone would give another. */
export interface NamedImage {
  readonly image: number | string;
  readonly imageName?: string;
}

/** An image as a file of another tool names it: its id by {@link imageIdOfName}, and the name when ids are not written like that. */
export function nameImage(name: number | string): NamedImage {
  if (typeof name === 'number') return { image: name };
  const image = imageIdOfName(name);
  return typeof image === 'string' || /(?:^|\/)COCO_train2014_/.test(name) ? { image } : { image, imageName: name };
}

/** An image of one's own: as {@link nameImage}, but `7.jpg` stays a name, since nobody says that the seventh picture has COCO's id 7. */
export function nameOwnImage(name: number | string): NamedImage {
  return typeof name === 'string' && /^\d+\.jpg$/.test(name) && name.length !== 16 ? { image: name } : nameImage(name);
}
