import { fnv1a, mulberry32, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import fixture from '../__fixtures__/simrec-cases.json' with { type: 'json' };
import { assignPositives } from './assign-positives.js';

beforeAll(() => tf.setBackend('cpu'));

const stride = 32;
const run = (boxes: Float32Array, target: readonly number[], side: number) =>
  tf.tidy(() => {
    const { positive, candidate, central } = assignPositives(
      tf.tensor3d(boxes, [1, side * side, 4]),
      tf.tensor2d([...target], [1, 4]),
      { stride },
    );
    const cells = (x: tf.Tensor) => Array.from(x.dataSync()).flatMap((value, cell) => (value ? [cell] : []));
    return { positive: cells(positive), candidate: cells(candidate), central: cells(central) };
  });

/** The rule as it is told: costs in float64, sorted, ties by cell. */
function reference(boxes: Float32Array, [tx, ty, tw, th]: [number, number, number, number], side: number): number[] {
  if (tx + ty + tw + th <= 0) return [];
  const found: { cell: number; iou: number; cost: number }[] = [];
  for (let cell = 0; cell < side * side; cell++) {
    const [x, y] = [((cell % side) + 0.5) * stride, (Math.floor(cell / side) + 0.5) * stride];
    const inside = Math.abs(x - tx) < tw / 2 && Math.abs(y - ty) < th / 2;
    const near = Math.abs(x - tx) < 2.5 * stride && Math.abs(y - ty) < 2.5 * stride;
    if (!inside && !near) continue;
    const [cx, cy, w, h] = boxes.subarray(4 * cell, 4 * cell + 4) as unknown as [number, number, number, number];
    const along = (a: number, al: number, b: number, bl: number) =>
      Math.max(0, Math.min(a + al / 2, b + bl / 2) - Math.max(a - al / 2, b - bl / 2));
    const shared = along(cx, w, tx, tw) * along(cy, h, ty, th);
    const iou = shared / (w * h + tw * th - shared);
    found.push({ cell, iou, cost: -3 * Math.log(iou + 1e-8) + (inside && near ? 0 : 100000) });
  }
  const sum = found
    .map(({ iou }) => iou)
    .sort((a, b) => b - a)
    .slice(0, 10)
    .reduce((total, iou) => total + iou, 0);
  const sorted = [...found].sort((a, b) => a.cost - b.cost || a.cell - b.cell);
  return sorted.slice(0, Math.max(1, Math.trunc(sum))).map(({ cell }) => cell);
}

test.each(fixture.assignment_cases)('$name: the cells of the official rule', ({ name, map, target, ...expected }) => {
  const boxes = Float32Array.from(mulberry32(fnv1a(`boxes:${name}`), 4 * map * map), (u, i) => {
    const cell = Math.floor(i / 4);
    const origin = i % 4 === 0 ? cell % map : Math.floor(cell / map);
    return i % 4 < 2 ? (origin + u) * stride : 32 + 200 * u;
  });
  const pixels = target.map((value) => value * stride * map);
  const { positive, candidate, central } = run(boxes, pixels, map);
  expect(positive).toEqual([...expected.positive].sort((a, b) => a - b));
  expect(candidate).toHaveLength(expected.candidates);
  if (expected.in_box_and_centre !== undefined) {
    expect(central.filter((cell) => candidate.includes(cell))).toHaveLength(expected.in_box_and_centre);
  }
  expect(positive).toEqual(reference(boxes, pixels as [number, number, number, number], map).sort((a, b) => a - b));
});

test('equals the sorted costs on random boxes and targets, on maps of fewer than ten cells too', () => {
  for (const side of [2, 3, 5]) {
    for (let trial = 0; trial < 20; trial++) {
      const u = uniform(`${side}:${trial}`, 4 * side * side + 4, 0, 1);
      const size = side * stride;
      const boxes = u.subarray(0, 4 * side * side).map((value, i) => (i % 4 < 2 ? value * size : 8 + value * size));
      const target = Array.from(u.subarray(-4), (value) => Math.fround(value * 0.99 * size));
      const expected = reference(boxes, target as [number, number, number, number], side);
      expect(run(boxes, target, side).positive, `${side}:${trial}`).toEqual(expected.sort((a, b) => a - b));
    }
  }
});

test('equal costs go to the lower cell', () => {
  // The same box in every cell: nine central cells, all with IoU 1 and the sum of ten of them ten.
  const boxes = Float32Array.from({ length: 4 * 25 }, (_, i) => [80, 80, 96, 96][i % 4] as number);
  const { positive, central } = run(boxes, [80, 80, 96, 96], 5);
  expect(central).toEqual([6, 7, 8, 11, 12, 13, 16, 17, 18]);
  // Ten positives: the nine central ones, then the first of the others.
  expect(positive).toEqual([0, 6, 7, 8, 11, 12, 13, 16, 17, 18]);
});
