/** Weights of neighbours are whole numbers of this many bits, as OpenCV's are; two of them and a byte fill 30 bits. */
export const weightBits = 11;

/** Where a resized image lies in its square, pixels. */
export interface ResizeArea {
  readonly left: number;
  readonly top: number;
  /** Side of the square. */
  readonly size: number;
  /** What every byte beside the image is. */
  readonly padding: number;
}

/**
 * For each of `to` output positions three numbers: the byte offsets of the two input positions it mixes, and the share of the second of 2¹¹.
 *
 * @param stride  bytes from an input position to the next.
 */
export function neighbors(from: number, to: number, stride: number): Int32Array {
  const table = new Int32Array(3 * to);
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max((i + 0.5) * (from / to) - 0.5, 0), from - 1);
    const first = Math.floor(position);
    table[3 * i] = first * stride;
    table[3 * i + 1] = Math.min(first + 1, from - 1) * stride;
    table[3 * i + 2] = Math.round((position - first) * (1 << weightBits));
  }
  return table;
}
