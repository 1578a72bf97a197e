import { ShapeError } from '@refclip/structures';

/** Pixels that two masks share, and pixels of either. */
export interface MaskOverlap {
  readonly intersection: number;
  readonly union: number;
}

/**
 * Overlap of two masks of the same size.
 *
 * @param a  `[H, W]` row-major; a pixel belongs to the mask when it is not 0.
 * @param b  `[H, W]`.
 * @returns pixels; IoU is `intersection / union`, and what it is for two empty masks is the caller's choice.
 * @throws {ShapeError} when the sizes differ.
 */
export function maskOverlap(a: Uint8Array, b: Uint8Array): MaskOverlap {
  if (a.length !== b.length) {
    throw new ShapeError({ op: 'maskOverlap', argument: 'b', expected: [a.length], actual: [b.length] });
  }
  let [intersection, union] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [inA, inB] = [a[i] !== 0, b[i] !== 0];
    if (inA && inB) intersection++;
    if (inA || inB) union++;
  }
  return { intersection, union };
}
