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
