import type { XyxyBox } from '@refclip/structures';

/** Width and height in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

const area = ([x1, y1, x2, y2]: XyxyBox) => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
const common = (a: XyxyBox, b: XyxyBox) =>
  area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
const gapBetween = (a: XyxyBox, b: XyxyBox) =>
  Math.hypot(Math.max(0, a[0] - b[2], b[0] - a[2]), Math.max(0, a[1] - b[3], b[1] - a[3]));

/**
 * Finds a place for the label of each box: close to it, inside the picture, over no other label and over no box where there is room elsewhere. Labels are placed one after
 * the other; the result depends on the arguments alone.
 *
 * @param boxes   image pixels.
 * @param labels  size of each box's label, pixels.
 * @param picture its size, pixels.
 * @param gap     between a box and its label, pixels.
 * @returns `[N]` places of the labels, image pixels.
 */
export function placeLabels(
  boxes: readonly XyxyBox[],
  labels: readonly Size[],
  picture: Size,
  gap: number,
): readonly XyxyBox[] {
  const diagonal = Math.hypot(picture.width, picture.height);
  const placed: XyxyBox[] = [];
  for (const [at, box] of boxes.entries()) {
    const label = labels[at] as Size;
    const [x1, y1, x2, y2] = box;
    const kept: XyxyBox = [x1 - gap, y1 - gap, x2 + gap, y2 + gap];
    // A label moves far before it covers a label or the object at all, less far before it covers another's box.
    const cost = (place: XyxyBox) => {
      const whole = Math.max(1, area(place));
      const overLabels = placed.reduce((sum, other) => sum + common(place, other), 0) / whole;
      const overOwn = common(place, kept) / whole;
      const overOthers = boxes.reduce((sum, other, o) => sum + (o === at ? 0 : common(place, other)), 0) / whole;
      const covering = (overLabels > 1e-9 ? 4 + 20 * overLabels : 0) + (overOwn > 1e-9 ? 2 + 6 * overOwn : 0);
      return covering + 3 * overOthers + gapBetween(place, kept) / diagonal;
    };
    let best: { place: XyxyBox; cost: number } | undefined;
    for (const place of candidates(box, label, picture, gap)) {
      const its = cost(place);
      if (!best || its < best.cost - 1e-9) best = { place, cost: its };
    }
    placed.push((best as { place: XyxyBox }).place);
  }
  return placed;
}

/** Places around the box, the better-liked first, then all over the picture. */
function* candidates(
  [x1, y1, x2, y2]: XyxyBox,
  { width, height }: Size,
  picture: Size,
  gap: number,
): Generator<XyxyBox> {
  const inside = (left: number, top: number): XyxyBox => {
    const x = Math.max(0, Math.min(left, picture.width - width));
    const y = Math.max(0, Math.min(top, picture.height - height));
    return [x, y, x + width, y + height];
  };
  const [above, below] = [y1 - gap - height, y2 + gap];
  for (const y of [above, below]) for (const x of [x1, x2 - width, (x1 + x2 - width) / 2]) yield inside(x, y);
  for (const x of [x2 + gap, x1 - gap - width]) for (const y of [y1, y2 - height]) yield inside(x, y);
  for (let row = 1; row <= 6; row++) {
    yield inside(x1, above - row * (height + 1));
    yield inside(x1, below + row * (height + 1));
  }
  for (let row = 0; row <= 16; row++) {
    for (let column = 0; column <= 16; column++) {
      yield inside((column / 16) * (picture.width - width), (row / 16) * (picture.height - height));
    }
  }
}
