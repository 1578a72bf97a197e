import type { XyxyBox } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { expect, test } from 'vitest';
import { placeLabels } from './place-labels.js';

const picture = { width: 400, height: 300 };
const overlap = (a: XyxyBox, b: XyxyBox) =>
  Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

test('a label stands above its box, below at the upper edge, beside where neither has room', () => {
  const label = [{ width: 80, height: 20 }];
  const place = (box: XyxyBox) => placeLabels([box], label, picture, 2)[0];
  expect(place([100, 100, 200, 200])).toEqual([100, 78, 180, 98]);
  expect(place([100, 5, 200, 100])).toEqual([100, 102, 180, 122]);
  expect(place([100, 0, 200, 300])).toEqual([202, 0, 282, 20]);
  expect(place([350, 100, 390, 200])?.[2]).toBeLessThanOrEqual(400);
});

test('labels of equal and crowded boxes cover neither each other nor, where there is room, an object', () => {
  const equal = Array.from({ length: 4 }, (): XyxyBox => [120, 100, 220, 200]);
  const labels = equal.map((_, at) => ({ width: 60 + 30 * at, height: 20 }));
  const places = placeLabels(equal, labels, picture, 2);
  places.forEach((place, at) => {
    expect(overlap(place, equal[at] as XyxyBox)).toBe(0);
    for (const other of places.slice(0, at)) expect(overlap(place, other)).toBe(0);
  });
});

test('labels of random boxes stay in the picture and apart', () => {
  const u = mulberry32(3, 4000);
  let next = 0;
  for (let round = 0; round < 60; round++) {
    const boxes = Array.from({ length: 5 }, (): XyxyBox => {
      const [x, y, w, h] = [0, 0, 0, 0].map(() => u[next++] as number) as [number, number, number, number];
      return [x * 350 - 20, y * 250 - 20, x * 350 + 30 * w, y * 250 + 60 * h];
    });
    const labels = boxes.map(() => ({ width: 30 + 90 * (u[next++] as number), height: 18 }));
    const places = placeLabels(boxes, labels, picture, 2);
    places.forEach((place, at) => {
      expect(place[0] >= 0 && place[1] >= 0 && place[2] <= 400 && place[3] <= 300).toBe(true);
      expect(overlap(place, boxes[at] as XyxyBox)).toBeLessThan(1e-9);
      for (const other of places.slice(0, at)) expect(overlap(place, other)).toBeLessThan(1e-9);
    });
  }
});
