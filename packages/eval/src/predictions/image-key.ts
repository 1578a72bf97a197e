/**
 * The one name of an image whichever way a file writes it: COCO file names and their numbers become the number without
 * leading zeros, anything else its file name without folder and extension.
 *
 * @example
 * imageKey('train2014/COCO_train2014_000000581857_16.jpg'); // '581857'
 * imageKey(581857); // '581857'
 */
export function imageKey(image: string | number): string {
  if (typeof image === 'number') return String(image);
  if (/^\d+$/.test(image)) return withoutLeadingZeros(image);
  const coco = /COCO_(?:train|val|test)\d{4}_0*(\d+)(?:_\d+)?(?:\.\w+)?$/.exec(image);
  if (coco) return coco[1]!;
  const name = image
    .slice(Math.max(image.lastIndexOf('/'), image.lastIndexOf('\\')) + 1)
    .replace(/\.[A-Za-z]{3,4}$/, '');
  return /^\d+$/.test(name) ? withoutLeadingZeros(name) : name;
}

const withoutLeadingZeros = (digits: string) => (digits[0] === '0' ? digits.replace(/^0+(?=\d)/, '') : digits);
