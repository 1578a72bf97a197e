import { cxcywhToXyxy, type XyxyBox, xywhToXyxy, xyxyToCxcywh, xyxyToXywh } from '@refclip/structures';

/** How four numbers mean a box: corners, near corner and size, or center and size. */
export type BoxFormat = 'xyxy' | 'xywh' | 'cxcywh';

/** The box formats a file may declare. */
export const boxFormats = ['xyxy', 'xywh', 'cxcywh'] as const satisfies readonly BoxFormat[];

/** Four numbers whose format is said beside them. */
export type FourNumbers = readonly [number, number, number, number];

const readers: Record<BoxFormat, (box: FourNumbers) => XyxyBox> = {
  xyxy: (box) => box,
  xywh: xywhToXyxy,
  cxcywh: cxcywhToXyxy,
};

const writers: Record<BoxFormat, (box: XyxyBox) => FourNumbers> = {
  xyxy: (box) => box,
  xywh: xyxyToXywh,
  cxcywh: xyxyToCxcywh,
};

/** Four numbers of a declared format to corners, in the same frame. */
export function toXyxy(box: FourNumbers, format: BoxFormat): XyxyBox {
  return readers[format](box);
}

/** Corners to four numbers of a format, in the same frame. Inverse of {@link toXyxy} up to rounding. */
export function fromXyxy(box: XyxyBox, format: BoxFormat): FourNumbers {
  return writers[format](box);
}
