const extension = '(?:\\.[A-Za-z]{3,4})?';
const cocoName = new RegExp(`(?:^|/)COCO_(?:train|val|test)20\\d\\d_(\\d{12})(?:_\\d+)?${extension}$`);
const paddedName = new RegExp(`^(?:(?:.*/)?(?:train|val|test|unlabeled)20\\d\\d/)?(\\d{12})(?:_\\d+)?${extension}$`);

/**
 * The canonical name of an image: two names with equal keys are the same image wherever they stand.
 *
 * A name is itself, with folder and extension; `\` is `/`, and `./` and doubled slashes go. COCO's names, in whichever folder
 * (`COCO_train2014_000000581857.jpg`, REFER's `…_16.jpg`), its names since 2017 (`000000581857.jpg`, alone or in a folder such as `val2017`), each with or
 * without extension, and bare numbers are the id without leading zeros.
 *
 * @example
 * imageKey('train2014/COCO_train2014_000000581857_16.jpg'); // '581857'
 * imageKey('.\\kitchen\\0001.jpg'); // 'kitchen/0001.jpg'
 */
export function imageKey(image: string | number): string {
  if (typeof image === 'number') return String(image);
  const path = plainPath(image);
  const digits = /^\d+$/.test(path) ? path : (cocoName.exec(path)?.[1] ?? paddedName.exec(path)?.[1]);
  return digits === undefined ? path : withoutLeadingZeros(digits);
}

/** The whole-number id that an image's name holds (see {@link imageKey}); undefined for a name of another kind. */
export function imageIdOf(image: string | number): number | undefined {
  if (typeof image === 'number') return image;
  const key = imageKey(image);
  const id = /^\d+$/.test(key) ? Number(key) : undefined;
  return Number.isSafeInteger(id) ? id : undefined;
}

/** A path with `/` between its parts, without parts that say nothing. */
function plainPath(name: string): string {
  if (!/[\\/]/.test(name)) return name;
  return name
    .replaceAll('\\', '/')
    .replace(/(^|[^:/])\/{2,}/g, '$1/')
    .replace(/(^|\/)(?:\.\/)+/g, '$1');
}

const withoutLeadingZeros = (digits: string) => (digits[0] === '0' ? digits.replace(/^0+(?=\d)/, '') : digits);
