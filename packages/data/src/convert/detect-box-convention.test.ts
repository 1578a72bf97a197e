import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { type BoxConvention, type ImageSize, type RawBox, rawBoxToXywh, xywhToRawBox } from './box-convention.js';
import { detectBoxConvention } from './detect-box-convention.js';

const size: ImageSize = { width: 640, height: 480 };

/** Boxes that fill images as COCO's do: anywhere, some touching the far edges. */
function drawBoxes(count: number): RawBox[] {
  const u = mulberry32(7, count * 4);
  return Array.from({ length: count }, (_, i) => {
    const at = (k: number) => u[i * 4 + k] as number;
    const w = Math.floor(10 + at(0) * 300);
    const h = Math.floor(10 + at(1) * 200);
    const touches = i % 5 === 0;
    return [
      touches ? size.width - w : Math.floor(at(2) * (size.width - w)),
      Math.floor(at(3) * (size.height - h)),
      w,
      h,
    ];
  });
}

const boxes = drawBoxes(60);
const observed = (convention: BoxConvention, sized: boolean) =>
  boxes.map((box) => ({
    box: xywhToRawBox(box, convention, size),
    ...(sized ? { size } : {}),
  }));

describe('detectBoxConvention', () => {
  it.each([
    ['xywh', true],
    ['xywh', false],
    ['xyxy', true],
    ['xyxy', false],
    ['xyxy-inclusive', true],
    ['xywh-unit', false],
    ['xyxy-unit', false],
    ['xyxy-1000', true],
    ['xywh-1000', true],
  ] as const)('finds %s, sizes known: %s', (convention, sized) => {
    expect(detectBoxConvention(observed(convention, sized)).convention).toBe(convention);
  });

  it('does not guess from one box that fits both readings', () => {
    const found = detectBoxConvention([{ box: [10, 20, 30, 40], size }]);
    expect(found.convention).toBeUndefined();
    expect(found.reason).toContain('both');
  });

  it('does not guess between pixels and thousandths when sizes are unknown', () => {
    expect(detectBoxConvention(observed('xyxy-1000', false)).convention).toBeUndefined();
  });

  it('is decided by one box that leaves its image', () => {
    expect(detectBoxConvention([{ box: [400, 300, 600, 400], size }]).convention).toBe('xyxy');
  });

  it('refuses numbers that are not finite', () => {
    expect(detectBoxConvention([{ box: [0, 0, Number.NaN, 4] }]).convention).toBeUndefined();
  });

  it('refuses a file that contradicts itself', () => {
    const found = detectBoxConvention([
      { box: [400, 300, 600, 400], size },
      { box: [400, 300, 100, 100], size },
    ]);
    expect(found.convention).toBeUndefined();
  });
});

describe('rawBoxToXywh', () => {
  it.each([
    ['xywh', [10, 20, 30, 40]],
    ['xyxy', [10, 20, 40, 60]],
    ['xyxy-inclusive', [10, 20, 39, 59]],
    ['cxcywh', [25, 40, 30, 40]],
    ['xywh-unit', [10 / 640, 20 / 480, 30 / 640, 40 / 480]],
    ['xyxy-unit', [10 / 640, 20 / 480, 40 / 640, 60 / 480]],
    ['cxcywh-unit', [25 / 640, 40 / 480, 30 / 640, 40 / 480]],
    ['xywh-1000', [10000 / 640, 20000 / 480, 30000 / 640, 40000 / 480]],
    ['xyxy-1000', [10000 / 640, 20000 / 480, 40000 / 640, 60000 / 480]],
  ] as [BoxConvention, RawBox][])('reads %s', (convention, box) => {
    expect(rawBoxToXywh(box, convention, size)).toEqual([10, 20, 30, 40]);
    expect(xywhToRawBox([10, 20, 30, 40], convention, size)).toBeAllClose(box, { rtol: 1e-11 });
  });

  it('gives back the same decimals after a round trip', () => {
    const box: RawBox = [261.63, 111.79, 48.54, 102.84];
    for (const convention of ['xyxy', 'cxcywh', 'xyxy-unit', 'xyxy-1000', 'cxcywh-unit'] as const) {
      expect(rawBoxToXywh(xywhToRawBox(box, convention, size), convention, size)).toEqual(box);
    }
  });

  it('is NaN without the size that a scaled convention needs', () => {
    expect(rawBoxToXywh([0, 0, 1, 1], 'xywh-unit')).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });
});
