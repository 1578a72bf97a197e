/** Corners `[x1, y1, x2, y2]`; the far edge is exclusive, so width is `x2 − x1`. */
export type XyxyBox = readonly [x1: number, y1: number, x2: number, y2: number];

/** Near corner and size `[x, y, w, h]`, as COCO and SimREC annotations write boxes. */
export type XywhBox = readonly [x: number, y: number, w: number, h: number];

/** Centre and size `[cx, cy, w, h]`, as detectors predict boxes. */
export type CxcywhBox = readonly [cx: number, cy: number, w: number, h: number];

export function xywhToXyxy([x, y, w, h]: XywhBox): XyxyBox {
  return [x, y, x + w, y + h];
}

export function xyxyToXywh([x1, y1, x2, y2]: XyxyBox): XywhBox {
  return [x1, y1, x2 - x1, y2 - y1];
}

export function cxcywhToXyxy([cx, cy, w, h]: CxcywhBox): XyxyBox {
  const x1 = cx - w / 2;
  const y1 = cy - h / 2;
  return [x1, y1, x1 + w, y1 + h];
}

export function xyxyToCxcywh([x1, y1, x2, y2]: XyxyBox): CxcywhBox {
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
}

/** The box with both corners moved inside `width × height`, in the same frame. A box wholly outside becomes empty. */
export function clipBox([x1, y1, x2, y2]: XyxyBox, width: number, height: number): XyxyBox {
  const clamp = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  return [clamp(x1, width), clamp(y1, height), clamp(x2, width), clamp(y2, height)];
}

/** Area in square pixels of the box's frame; 0 for a box without positive width and height. */
export function boxArea([x1, y1, x2, y2]: XyxyBox): number {
  return x2 > x1 && y2 > y1 ? (x2 - x1) * (y2 - y1) : 0;
}

/**
 * Intersection over union of two boxes in the same frame.
 *
 * @returns in [0, 1]; 0 when either box is empty or the boxes are disjoint. NaN when a coordinate is NaN.
 */
export function boxIou(a: XyxyBox, b: XyxyBox): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (Number.isNaN(width) || Number.isNaN(height)) return Number.NaN;
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  const union = boxArea(a) + boxArea(b) - intersection;
  return union > 0 ? Math.min(intersection / union, 1) : 0;
}
