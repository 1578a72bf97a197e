import { DataFormatError, ShapeError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import type { RunLengthMask } from '../predictions/prediction-record.js';
import { MaskAccumulator } from './mask-accumulator.js';
import { maskOverlap } from './mask-overlap.js';
import { runLengthOverlap } from './run-length-overlap.js';

const [height, width] = [9, 13];

/** A blocky random mask, `[H, W]` row-major. */
function randomMask(seed: number): Uint8Array {
  const u = mulberry32(seed, 4);
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return Number(x >= u[0]! * 8 && x < u[0]! * 8 + u[1]! * 9 && y >= u[2]! * 5 && y < u[2]! * 5 + u[3]! * 7);
  });
}

/** Run lengths in COCO's column-major order, by walking every pixel. */
function encode(mask: Uint8Array): RunLengthMask {
  const counts = [0];
  let inside = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (mask[y * width + x] !== inside) {
        counts.push(0);
        inside = 1 - inside;
      }
      counts[counts.length - 1]!++;
    }
  }
  return { size: [height, width], counts };
}

/** COCO's compressed string, written from its definition. */
function compress({ size, counts }: RunLengthMask): RunLengthMask {
  const lengths = counts as readonly number[];
  let text = '';
  for (let i = 0; i < lengths.length; i++) {
    let value = lengths[i]! - (i > 2 ? lengths[i - 2]! : 0);
    for (let more = true; more; ) {
      let bits = value & 31;
      value >>= 5;
      more = bits & 16 ? value !== -1 : value !== 0;
      if (more) bits |= 32;
      text += String.fromCharCode(bits + 48);
    }
  }
  return { size, counts: text };
}

const pairs = Array.from({ length: 60 }, (_, i) => [randomMask(2 * i), randomMask(2 * i + 1)] as const);

describe('maskOverlap', () => {
  it('counts pixels of both and of either', () => {
    expect(maskOverlap(Uint8Array.of(1, 1, 0, 0), Uint8Array.of(0, 255, 1, 0))).toEqual({ intersection: 1, union: 3 });
    expect(() => maskOverlap(new Uint8Array(3), new Uint8Array(4))).toThrowError(ShapeError);
  });
});

describe('runLengthOverlap', () => {
  it('equals counting pixels, for plain and compressed lengths', () => {
    for (const [a, b] of pairs) {
      const expected = maskOverlap(a, b);
      expect(runLengthOverlap(encode(a), encode(b))).toEqual(expected);
      expect(runLengthOverlap(compress(encode(a)), encode(b))).toEqual(expected);
    }
  });
  it('reads large lengths', () => {
    const mask: RunLengthMask = { size: [1000, 3000], counts: [1_000_000, 500_000, 1_499_990, 10] };
    expect(runLengthOverlap(compress(mask), mask)).toEqual({ intersection: 500_010, union: 500_010 });
  });
  it.each([
    ['another size', { size: [9, 14], counts: [126] }],
    ['too short', { size: [9, 13], counts: [100, 1] }],
    ['too long', { size: [9, 13], counts: [100, 1e9] }],
    ['negative', { size: [9, 13], counts: [200, -83] }],
    ['fractions', { size: [9, 13], counts: [116.5, 0.5] }],
    ['string cut off', { size: [9, 13], counts: 'e' }],
    ['string that never ends', { size: [9, 13], counts: 'o'.repeat(1000) }],
    ['not in the alphabet', { size: [9, 13], counts: '!' }],
  ] as const)('refuses %s', (_name, mask) => {
    expect(() => runLengthOverlap(mask as RunLengthMask, encode(pairs[0]![0]))).toThrowError(DataFormatError);
  });
});

describe('MaskAccumulator', () => {
  it('equals the obvious sums', () => {
    const accumulator = new MaskAccumulator({ thresholds: [0.2, 0.5] });
    const overlaps = pairs.map(([a, b]) => maskOverlap(a, b));
    const ious = overlaps.map((o) => accumulator.add(o));
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(ious).toEqual(overlaps.map((o) => (o.union ? o.intersection / o.union : 0)));
    const { meanIou, overallIou, precision, count } = accumulator.result();
    expect(count).toBe(60);
    expect(meanIou).toBeCloseTo(sum(ious) / 60, 14);
    expect(overallIou).toBe(sum(overlaps.map((o) => o.intersection)) / sum(overlaps.map((o) => o.union)));
    expect(precision['0.2']).toBeCloseTo((100 * ious.filter((iou) => iou > 0.2).length) / 60, 12);
    expect(precision['0.5']).toBeCloseTo((100 * ious.filter((iou) => iou > 0.5).length) / 60, 12);
  });
  it('merges shards to exactly one pass', () => {
    const [whole, left, right] = [new MaskAccumulator(), new MaskAccumulator(), new MaskAccumulator()];
    pairs.forEach(([a, b], i) => {
      whole.add(maskOverlap(a, b));
      (i % 3 ? left : right).add(maskOverlap(a, b));
    });
    right.merge(left);
    expect(right.result()).toStrictEqual(whole.result());
    expect(() => right.merge(new MaskAccumulator({ emptyIou: 1 }))).toThrowError(/emptyIou/);
  });
  it('scores two empty masks as told', () => {
    expect(new MaskAccumulator().add({ intersection: 0, union: 0 })).toBe(0);
    expect(new MaskAccumulator({ emptyIou: 1 }).add({ intersection: 0, union: 0 })).toBe(1);
    expect(new MaskAccumulator().result().meanIou).toBeNaN();
  });
});
