import type { XywhBox } from '@refclip/structures';

/**
 * How a file writes a box. The first part is the order of the four numbers, the second their scale:
 * none: image pixels, far edge exclusive; `inclusive`: integer pixels whose far edge still belongs to the box;
 * `unit`: fractions 0–1 of the image's width and height; `1000`: thousandths of them.
 */
export const boxConventions = [
  'xywh',
  'xyxy',
  'xyxy-inclusive',
  'cxcywh',
  'xywh-unit',
  'xyxy-unit',
  'cxcywh-unit',
  'xywh-1000',
  'xyxy-1000',
] as const;

export type BoxConvention = (typeof boxConventions)[number];

/** Four numbers as a file has them; what they mean is a {@link BoxConvention}'s to say. */
export type RawBox = readonly [number, number, number, number];

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Whether a convention's numbers become pixels only with the image's size. */
export function needsImageSize(convention: BoxConvention): boolean {
  return convention.endsWith('-unit') || convention.endsWith('-1000');
}

/**
 * Numbers of a file to `[x, y, w, h]` in image pixels, far edge exclusive. Nothing is clipped.
 * Computed numbers are rounded to a millionth of a pixel, so that a box comes back as it was: 261.63 + 48.54 − 261.63 is 48.54.
 *
 * @param size  needed for the scales `unit` and `1000`; without it the result holds NaN.
 */
export function rawBoxToXywh(box: RawBox, convention: BoxConvention, size?: ImageSize): XywhBox {
  if (convention === 'xywh') return box;
  const { order, scale } = partsOf(convention);
  const scaled = scale === 'unit' || scale === '1000';
  const divisor = scale === '1000' ? 1000 : 1;
  const factorX = scaled ? (size?.width ?? Number.NaN) / divisor : 1;
  const factorY = scaled ? (size?.height ?? Number.NaN) / divisor : 1;
  const [a, b, c, d] = [box[0] * factorX, box[1] * factorY, box[2] * factorX, box[3] * factorY];
  if (order === 'xywh') return [tidy(a), tidy(b), tidy(c), tidy(d)];
  if (order === 'cxcywh') return [tidy(a - c / 2), tidy(b - d / 2), tidy(c), tidy(d)];
  const edge = scale === 'inclusive' ? 1 : 0;
  return [tidy(a), tidy(b), tidy(c - a + edge), tidy(d - b + edge)];
}

/**
 * `[x, y, w, h]` in image pixels to the numbers a file of another convention holds; the inverse of {@link rawBoxToXywh}.
 *
 * `xyxy-inclusive` is written in integers: near edges rounded down, far edges rounded up, so the written box covers the given one.
 */
export function xywhToRawBox(box: XywhBox, convention: BoxConvention, size?: ImageSize): RawBox {
  if (convention === 'xywh') return box;
  const [x, y, w, h] = box;
  const { order, scale } = partsOf(convention);
  if (scale === 'inclusive') return [Math.floor(x), Math.floor(y), Math.ceil(x + w) - 1, Math.ceil(y + h) - 1];
  const scaled = scale === 'unit' || scale === '1000';
  const multiplier = scale === '1000' ? 1000 : 1;
  const factorX = scaled ? multiplier / (size?.width ?? Number.NaN) : 1;
  const factorY = scaled ? multiplier / (size?.height ?? Number.NaN) : 1;
  // Fractions keep twelve digits: a billionth of a pixel in an image of a thousand.
  const round = scaled ? (value: number) => Math.round(value * 1e12) / 1e12 : tidy;
  if (order === 'xywh') return [round(x * factorX), round(y * factorY), round(w * factorX), round(h * factorY)];
  if (order === 'cxcywh') {
    return [round((x + w / 2) * factorX), round((y + h / 2) * factorY), round(w * factorX), round(h * factorY)];
  }
  return [round(x * factorX), round(y * factorY), round((x + w) * factorX), round((y + h) * factorY)];
}

function partsOf(convention: BoxConvention): { order: string; scale: string | undefined } {
  const [order, scale] = convention.split('-');
  return { order: order as string, scale };
}

function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
