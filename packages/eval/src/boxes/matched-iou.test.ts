import { boxIou, type XyxyBox } from '@refclip/structures';
import { mulberry32, uniform } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { type BoxFormat, boxFormats, fromXyxy, toXyxy } from './box-format.js';
import { matchedIou } from './matched-iou.js';
import { pairwiseIou } from './pairwise-iou.js';

/** Random boxes: most overlap, some are empty or inverted. `[N, 4]`, image pixels. */
function randomBoxes(seed: number, count: number): Float64Array {
  const u = mulberry32(seed, 4 * count);
  const boxes = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) {
    const [x, y] = [u[4 * i]! * 100, u[4 * i + 1]! * 100];
    boxes.set([x, y, x + u[4 * i + 2]! * 120 - 10, y + u[4 * i + 3]! * 120 - 10], 4 * i);
  }
  return boxes;
}

const boxAt = (boxes: ArrayLike<number>, i: number): XyxyBox =>
  [boxes[4 * i]!, boxes[4 * i + 1]!, boxes[4 * i + 2]!, boxes[4 * i + 3]!] as const;

/** The slow obvious reference for whole-pixel boxes: counts pixels. */
function iouByPixels(a: XyxyBox, b: XyxyBox): number {
  let [both, either] = [0, 0];
  const inside = (box: XyxyBox, x: number, y: number) => x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
  for (let y = -5; y < 25; y++) {
    for (let x = -5; x < 25; x++) {
      const [inA, inB] = [inside(a, x, y), inside(b, x, y)];
      if (inA && inB) both++;
      if (inA || inB) either++;
    }
  }
  return both === 0 ? 0 : both / either;
}

describe('matchedIou', () => {
  const [a, b] = [randomBoxes(1, 500), randomBoxes(2, 500)];
  const ious = matchedIou(a, b);

  it('counts the same as pixels do', () => {
    const whole = (name: string) => Float64Array.from(uniform(name, 4 * 1500, -4, 24), Math.round);
    const [p, q] = [whole('p'), whole('q')];
    const expected = Array.from({ length: 1500 }, (_, i) => iouByPixels(boxAt(p, i), boxAt(q, i)));
    expect(matchedIou(p, q)).toBeAllClose(expected, { rtol: 1e-14, atol: 0 });
    expect(expected.filter((iou) => iou > 0).length).toBeGreaterThan(20);
  });
  it('equals the IoU of single boxes', () => {
    for (let i = 0; i < 500; i++) expect(ious[i]).toBe(boxIou(boxAt(a, i), boxAt(b, i)));
  });
  it('is symmetric and lies in [0, 1]', () => {
    expect(matchedIou(b, a)).toEqual(ious);
    expect(ious.every((iou) => iou >= 0 && iou <= 1)).toBe(true);
    expect(ious.filter((iou) => iou > 0.1).length).toBeGreaterThan(50);
  });
  it('does not change when both boxes are moved and scaled', () => {
    const moved = (boxes: Float64Array) => boxes.map((value, i) => (value + (i % 2 === 0 ? 31 : -17)) * 2.5);
    expect(matchedIou(moved(a), moved(b))).toBeAllClose(ious, { rtol: 1e-11, atol: 1e-13 });
  });
  it.each(boxFormats)('does not change through %s', (format: BoxFormat) => {
    const through = (boxes: Float64Array) =>
      Float64Array.from(
        Array.from({ length: 500 }, (_, i) => toXyxy(fromXyxy(boxAt(boxes, i), format), format)).flat(),
      );
    expect(matchedIou(through(a), through(b))).toBeAllClose(ious, { rtol: 1e-11, atol: 1e-13 });
  });
  it('is NaN when any one coordinate of either box is', () => {
    for (let k = 0; k < 8; k++) {
      const boxes = [0, 0, 10, 10, 2, 2, 12, 12];
      boxes[k] = Number.NaN;
      expect(matchedIou(Float64Array.from(boxes.slice(0, 4)), Float64Array.from(boxes.slice(4)))[0]).toBeNaN();
    }
  });
  it('fills the array it is given', () => {
    const out = new Float64Array(500);
    expect(matchedIou(a, b, out)).toBe(out);
    expect(out).toEqual(ious);
  });
  it('refuses arrays that do not match', () => {
    expect(() => matchedIou(a, b.subarray(0, 8))).toThrowError(/\[2, 4\]; expected \[500, 4\]/);
    expect(() => matchedIou(a.subarray(0, 3), b)).toThrowError(/multiple of 4/);
    expect(() => matchedIou(a, b, new Float64Array(3))).toThrowError(/out/);
  });
});

describe('pairwiseIou', () => {
  it('holds matchedIou of every pair', () => {
    const [a, b] = [randomBoxes(3, 7), randomBoxes(4, 5)];
    const expected = [];
    for (let i = 0; i < 7; i++) for (let j = 0; j < 5; j++) expected.push(boxIou(boxAt(a, i), boxAt(b, j)));
    expect([...pairwiseIou(a, b)]).toEqual(expected);
  });
});
