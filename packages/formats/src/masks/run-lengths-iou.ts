import type { RunLengths } from './run-lengths.js';

/** Pixels of a mask. */
export function runLengthsArea(runs: RunLengths): number {
  let area = 0;
  for (let index = 1; index < runs.length; index += 2) area += runs[index] as number;
  return area;
}

/**
 * Intersection over union of two masks of one size, counted in pixels; 0 for two empty ones.
 *
 * @param options.crowd  the second mask is COCO's crowd, of which any part may be found: the intersection over the first mask's area instead.
 * @see Lin et al. 2014, Microsoft COCO; `rleIou` of its mask library
 */
export function runLengthsIou(a: RunLengths, b: RunLengths, { crowd = false }: { crowd?: boolean } = {}): number {
  const [areaA, areaB, shared] = [runLengthsArea(a), runLengthsArea(b), intersectionArea(a, b)];
  const whole = crowd ? areaA : areaA + areaB - shared;
  return whole === 0 ? 0 : shared / whole;
}

function intersectionArea(a: RunLengths, b: RunLengths): number {
  let [indexA, indexB, leftA, leftB, area] = [0, 0, a[0] ?? 0, b[0] ?? 0, 0];
  for (;;) {
    while (leftA === 0 && indexA + 1 < a.length) leftA = a[++indexA] as number;
    while (leftB === 0 && indexB + 1 < b.length) leftB = b[++indexB] as number;
    const step = Math.min(leftA, leftB);
    if (step === 0) return area;
    if (indexA & indexB & 1) area += step;
    leftA -= step;
    leftB -= step;
  }
}
