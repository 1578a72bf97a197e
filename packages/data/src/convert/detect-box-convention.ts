import type { BoxConvention, ImageSize, RawBox } from './box-convention.js';

/** What {@link detectBoxConvention} concluded, with the reason in words for people. */
export type DetectedConvention =
  | { readonly convention: BoxConvention; readonly reason: string }
  | { readonly convention: undefined; readonly reason: string };

/** A box as the detection sees it: its numbers, and the size of its image where that is known. */
export interface ObservedBox {
  readonly box: RawBox;
  readonly size?: ImageSize | undefined;
}

/** So many boxes that all have x2 > x1 and y2 > y1 are corners: in files of `[x, y, w, h]` about half of the boxes break it. */
const enoughBoxes = 16;
/** A box may reach over the image's edge by a pixel of rounding. */
const slack = 1;

/**
 * Finds out how a file writes boxes, from all of its boxes together; undefined where the numbers allow two readings.
 *
 * The evidence: numbers all within [0, 1] are fractions; numbers within [0, 1000] that leave images whose size is known are
 * thousandths; a box with x2 ≤ x1 or y2 ≤ y1 cannot be corners; a box with x + w beyond its image cannot be a corner and a size;
 * integer corners that touch the last pixel (width − 1) but never the edge (width) include their far edge.
 * Centers (`cxcywh`) are never guessed in pixels: they look like corners and sizes.
 */
export function detectBoxConvention(boxes: Iterable<ObservedBox>): DetectedConvention {
  const seen = observe(boxes);
  if (seen.count === 0) return { convention: 'xywh', reason: 'the file has no boxes' };
  if (seen.invalid > 0)
    return { convention: undefined, reason: `${seen.invalid} boxes hold numbers that are negative or not finite` };
  if (seen.largest <= 1) return scaled(seen, 1, 'unit', 'all numbers lie within 0–1');
  const insideThousand = seen.largest <= 1000;
  if (insideThousand && seen.sized === seen.count && seen.outsidePixels > 0) {
    return scaled(
      seen,
      1000,
      '1000',
      `all numbers lie within 0–1000 and ${seen.outsidePixels} boxes would leave their image as pixels`,
    );
  }
  if (insideThousand && seen.sized < seen.count && Math.min(seen.farthestX, seen.farthestY) >= 950) {
    return {
      convention: undefined,
      reason: 'numbers reach almost 1000 on both axes, in pixels or in thousandths; image sizes would tell',
    };
  }
  return pixels(seen);
}

interface Evidence {
  count: number;
  /** Boxes whose image's size is known. */
  sized: number;
  invalid: number;
  largest: number;
  farthestX: number;
  farthestY: number;
  integers: boolean;
  /** Boxes that cannot be corners: x2 ≤ x1 or y2 ≤ y1. */
  notCorners: number;
  /** Boxes that cannot be corner and size: x + w or y + h beyond the image (in pixels), beyond 1, beyond 1000. */
  notSizes: { pixels: number; unit: number; thousand: number };
  /** Boxes that leave their image both as corners and as corner and size. */
  outsidePixels: number;
  touchLastPixel: number;
  touchEdge: number;
}

function observe(boxes: Iterable<ObservedBox>): Evidence {
  const seen: Evidence = {
    count: 0,
    sized: 0,
    invalid: 0,
    largest: 0,
    farthestX: 0,
    farthestY: 0,
    integers: true,
    notCorners: 0,
    notSizes: { pixels: 0, unit: 0, thousand: 0 },
    outsidePixels: 0,
    touchLastPixel: 0,
    touchEdge: 0,
  };
  for (const { box, size } of boxes) {
    const [a, b, c, d] = box;
    seen.count++;
    // A hair of negative coordinate is rounding; more is another convention, or a broken file.
    if (!box.every((value) => Number.isFinite(value) && value >= -slack)) {
      seen.invalid++;
      continue;
    }
    seen.largest = Math.max(seen.largest, a, b, c, d);
    seen.farthestX = Math.max(seen.farthestX, c);
    seen.farthestY = Math.max(seen.farthestY, d);
    seen.integers &&= Number.isInteger(a) && Number.isInteger(b) && Number.isInteger(c) && Number.isInteger(d);
    if (c <= a || d <= b) seen.notCorners++;
    if (a + c > 1.001 || b + d > 1.001) seen.notSizes.unit++;
    if (a + c > 1001 || b + d > 1001) seen.notSizes.thousand++;
    if (!size) continue;
    seen.sized++;
    const leavesAsSizes = a + c > size.width + slack || b + d > size.height + slack;
    if (leavesAsSizes) seen.notSizes.pixels++;
    if (c > size.width + slack || d > size.height + slack || a > size.width || b > size.height) seen.outsidePixels++;
    if (c === size.width || d === size.height) seen.touchEdge++;
    if (c === size.width - 1 || d === size.height - 1) seen.touchLastPixel++;
  }
  return seen;
}

function scaled(seen: Evidence, limit: 1 | 1000, suffix: 'unit' | '1000', why: string): DetectedConvention {
  const corners = seen.notCorners === 0;
  const sizes = (limit === 1 ? seen.notSizes.unit : seen.notSizes.thousand) === 0;
  return choose(seen, corners, sizes, `xyxy-${suffix}`, `xywh-${suffix}`, why);
}

function pixels(seen: Evidence): DetectedConvention {
  const corners = seen.notCorners === 0;
  const sizes = seen.notSizes.pixels === 0;
  const inclusive = seen.integers && seen.sized > 0 && seen.touchEdge === 0 && seen.touchLastPixel >= 3;
  const why = inclusive
    ? `integer pixels, ${seen.touchLastPixel} boxes end on the last pixel and none on the edge`
    : seen.sized > 0
      ? 'numbers fit the images as pixels'
      : 'numbers are taken as pixels';
  return choose(seen, corners, sizes, inclusive ? 'xyxy-inclusive' : 'xyxy', 'xywh', why);
}

/** Decides between corners and corner-and-size from what each reading would break. */
function choose(
  seen: Evidence,
  corners: boolean,
  sizes: boolean,
  asCorners: BoxConvention,
  asSizes: BoxConvention,
  why: string,
): DetectedConvention {
  if (!corners && !sizes) {
    return {
      convention: undefined,
      reason: `${why}; ${seen.notCorners} boxes are no corners (x2 ≤ x1 or y2 ≤ y1) and others leave the image as corner and size`,
    };
  }
  if (!corners) {
    return {
      convention: asSizes,
      reason: `${why}; ${seen.notCorners} of ${seen.count} boxes have x2 ≤ x1 or y2 ≤ y1 as corners`,
    };
  }
  if (!sizes) return { convention: asCorners, reason: `${why}; boxes would leave the image as corner and size` };
  if (seen.count >= enoughBoxes)
    return { convention: asCorners, reason: `${why}; all ${seen.count} boxes are proper corners` };
  return { convention: undefined, reason: `${why}; ${seen.count} boxes fit both corners and corner-and-size` };
}
