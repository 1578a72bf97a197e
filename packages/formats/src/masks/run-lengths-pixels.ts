import { ShapeError } from '@refclip/structures';
import type { RunLengths } from './run-lengths.js';

/**
 * The pixels of a mask, 0 or 1, in row order `[height, width]`. Run lengths go down the columns.
 *
 * @throws {ShapeError} when the lengths do not add up to the image.
 */
export function pixelsOfRunLengths(runs: RunLengths, width: number, height: number): Uint8Array {
  const length = runs.reduce((sum, run) => sum + run, 0);
  if (length !== width * height)
    throw new ShapeError({ op: 'pixelsOfRunLengths', argument: 'runs', expected: [width * height], actual: [length] });
  const pixels = new Uint8Array(length);
  let at = 0;
  for (const [index, run] of runs.entries()) {
    const end = at + run;
    if (index % 2) for (let i = at; i < end; i++) pixels[(i % height) * width + Math.floor(i / height)] = 1;
    at = end;
  }
  return pixels;
}

/**
 * Run lengths of a mask's pixels, `[height, width]` in row order; anything but 0 belongs to the mask. The inverse of {@link pixelsOfRunLengths}.
 *
 * @throws {ShapeError} when there are not so many pixels.
 */
export function runLengthsOfPixels(pixels: ArrayLike<number>, width: number, height: number): number[] {
  if (pixels.length !== width * height) {
    throw new ShapeError({
      op: 'runLengthsOfPixels',
      argument: 'pixels',
      expected: [height, width],
      actual: [pixels.length],
    });
  }
  const runs: number[] = [];
  let [length, inside] = [0, false];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((pixels[y * width + x] !== 0) !== inside) {
        runs.push(length);
        [length, inside] = [0, !inside];
      }
      length++;
    }
  }
  return [...runs, length];
}
