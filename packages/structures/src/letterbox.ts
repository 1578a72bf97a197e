import type { XyxyBox } from './boxes.js';

/**
 * How an image lies in the square the network sees: resized with its aspect ratio kept, centred, padded with grey.
 *
 * All lengths are pixels. Source: spec of the official release (RefCLIP, CVPR 2023), input preparation.
 */
export interface Letterbox {
  /** Side of the square. */
  readonly size: number;
  /** Image before the letterbox. */
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** Image inside the square. */
  readonly resizedWidth: number;
  readonly resizedHeight: number;
  /** Grey columns left and rows above; the right and lower sides may hold one more. */
  readonly padX: number;
  readonly padY: number;
}

/**
 * The letterbox of an image. The longer side becomes `size`; the shorter is truncated to whole pixels (at least 1), and the padding is halved
 * rounding down, as the official code does.
 */
export function computeLetterbox(imageWidth: number, imageHeight: number, size: number): Letterbox {
  const aspect = imageWidth / imageHeight;
  const resizedWidth = aspect < 1 ? Math.max(1, Math.trunc(size * aspect)) : size;
  const resizedHeight = aspect < 1 ? size : Math.max(1, Math.trunc(size / aspect));
  return {
    size,
    imageWidth,
    imageHeight,
    resizedWidth,
    resizedHeight,
    padX: Math.floor((size - resizedWidth) / 2),
    padY: Math.floor((size - resizedHeight) / 2),
  };
}

/** A box in letterbox pixels to image pixels. Nothing is clipped. */
export function letterboxToImage([x1, y1, x2, y2]: XyxyBox, letterbox: Letterbox): XyxyBox {
  const scaleX = letterbox.imageWidth / letterbox.resizedWidth;
  const scaleY = letterbox.imageHeight / letterbox.resizedHeight;
  const { padX, padY } = letterbox;
  return [(x1 - padX) * scaleX, (y1 - padY) * scaleY, (x2 - padX) * scaleX, (y2 - padY) * scaleY];
}

/** A box in image pixels to letterbox pixels. Inverse of {@link letterboxToImage}. */
export function imageToLetterbox([x1, y1, x2, y2]: XyxyBox, letterbox: Letterbox): XyxyBox {
  const scaleX = letterbox.resizedWidth / letterbox.imageWidth;
  const scaleY = letterbox.resizedHeight / letterbox.imageHeight;
  const { padX, padY } = letterbox;
  return [x1 * scaleX + padX, y1 * scaleY + padY, x2 * scaleX + padX, y2 * scaleY + padY];
}
