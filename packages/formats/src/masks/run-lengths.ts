/** Alternating numbers of 0s and 1s, column by column, beginning with 0s: COCO's run lengths. */
export type RunLengths = readonly number[];

/** Points of a polygon's outline are placed on a grid this much finer than the pixels. */
const fineness = 5;

/**
 * The pixels inside a polygon, by the rule of COCO's mask library: the outline is drawn on a five times finer grid, and a column of pixels
 * changes where the outline crosses its center.
 *
 * @param polygon  `[x1, y1, x2, y2, …]`, pixels.
 * @see Lin et al. 2014, Microsoft COCO; `rleFrPoly` of its mask library
 */
export function polygonRunLengths(polygon: readonly number[], width: number, height: number): number[] {
  const corners = polygon.length >> 1;
  const crossings: number[] = [];
  let previous: { u: number; v: number } | undefined;
  const visit = (u: number, v: number) => {
    if (previous && previous.u !== u) {
      const column = (Math.min(u, previous.u) + 0.5) / fineness - 0.5;
      if (Number.isInteger(column) && column >= 0 && column <= width - 1) {
        const row = (Math.min(v, previous.v) + 0.5) / fineness - 0.5;
        crossings.push(column * height + Math.ceil(Math.min(Math.max(row, 0), height)));
      }
    }
    previous = { u, v };
  };
  const fine = (index: number) => Math.trunc(fineness * (polygon[index] as number) + 0.5);
  for (let corner = 0; corner < corners; corner++) {
    const next = (corner + 1) % corners;
    drawLine(fine(2 * corner), fine(2 * corner + 1), fine(2 * next), fine(2 * next + 1), visit);
  }
  crossings.push(width * height);
  crossings.sort((a, b) => a - b);
  return toRuns(crossings);
}

/** Visits the points of a line in order, one per step of its longer axis; computed from its lower end, so that both directions agree. */
function drawLine(x1: number, y1: number, x2: number, y2: number, visit: (u: number, v: number) => void): void {
  const [dx, dy] = [Math.abs(x2 - x1), Math.abs(y2 - y1)];
  const flat = dx >= dy;
  const flipped = (flat && x1 > x2) || (!flat && y1 > y2);
  const [xs, ys, xe, ye] = flipped ? [x2, y2, x1, y1] : [x1, y1, x2, y2];
  const steps = flat ? dx : dy;
  const slope = steps === 0 ? 0 : flat ? (ye - ys) / dx : (xe - xs) / dy;
  for (let step = 0; step <= steps; step++) {
    const t = flipped ? steps - step : step;
    if (flat) visit(t + xs, Math.trunc(ys + slope * t + 0.5));
    else visit(Math.trunc(xs + slope * t + 0.5), t + ys);
  }
}

/** Sorted positions of changes to lengths; two changes at one place cancel. */
function toRuns(positions: readonly number[]): number[] {
  const lengths = positions.map((position, index) => position - (positions[index - 1] ?? 0));
  const runs = [lengths[0] as number];
  for (let i = 1; i < lengths.length; ) {
    if ((lengths[i] as number) > 0) runs.push(lengths[i++] as number);
    else {
      i++;
      if (i < lengths.length) runs[runs.length - 1] = (runs.at(-1) as number) + (lengths[i++] as number);
    }
  }
  return runs;
}

/** Run lengths of the pixels that are in either of two masks of one size. */
export function uniteRunLengths(a: RunLengths, b: RunLengths): number[] {
  const runs: number[] = [];
  let [indexA, indexB, leftA, leftB] = [0, 0, a[0] ?? 0, b[0] ?? 0];
  let [current, length] = [0, 0];
  for (;;) {
    while (leftA === 0 && indexA + 1 < a.length) leftA = a[++indexA] as number;
    while (leftB === 0 && indexB + 1 < b.length) leftB = b[++indexB] as number;
    const step = Math.min(leftA, leftB);
    if (step === 0) break;
    const value = (indexA & 1) | (indexB & 1);
    if (value !== current) {
      runs.push(length);
      [current, length] = [value, 0];
    }
    length += step;
    leftA -= step;
    leftB -= step;
  }
  runs.push(length);
  return runs;
}

/** COCO's compressed text: each length, from the third on less the one two before it, in groups of five bits from the lowest. */
export function encodeRunLengths(runs: RunLengths): string {
  let text = '';
  for (let i = 0; i < runs.length; i++) {
    let value = (runs[i] as number) - (i > 2 ? (runs[i - 2] as number) : 0);
    for (let more = true; more; ) {
      const bits = value & 0x1f;
      value >>= 5;
      more = bits & 0x10 ? value !== -1 : value !== 0;
      text += String.fromCharCode((more ? bits | 0x20 : bits) + 48);
    }
  }
  return text;
}

/** The lengths in COCO's compressed text, or undefined when it is none. */
export function decodeRunLengths(text: string): number[] | undefined {
  const runs: number[] = [];
  for (let at = 0; at < text.length; ) {
    let [value, shift, bits] = [0, 0, 0];
    do {
      bits = text.charCodeAt(at++) - 48;
      if (!(bits >= 0 && bits < 64) || shift > 30) return undefined;
      value |= (bits & 0x1f) << shift;
      shift += 5;
    } while (bits & 0x20);
    if (bits & 0x10 && shift < 32) value |= -1 << shift;
    if (runs.length > 2) value += runs[runs.length - 2] as number;
    if (value < 0) return undefined;
    runs.push(value);
  }
  return runs;
}
