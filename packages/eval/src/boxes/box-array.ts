/** Boxes packed one after another, four numbers each: `[N, 4]` row-major. */
export type BoxArray = Float64Array | Float32Array | Int32Array;

/** Throws unless the array holds whole boxes. @returns how many. @internal */
export function countBoxes(boxes: BoxArray, argument: string): number {
  if (boxes.length % 4 !== 0) {
    throw new RangeError(`${argument}: ${boxes.length} numbers are not whole boxes; expected a multiple of 4.`);
  }
  return boxes.length / 4;
}
