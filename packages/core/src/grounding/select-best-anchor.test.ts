import { expect, test } from 'vitest';
import { selectBestAnchor } from './select-best-anchor.js';

const image = {
  // Three anchors of two numbers, two boxes each.
  anchors: Float32Array.of(1, 0, 0, 2, 3, 1),
  boxes: Float32Array.from(
    [
      [10, 10, 4, 6, 0.9, 7],
      [10, 10, 2, 2, 0.1, 1],
      [20, 20, 4, 4, 0.2, 2],
      [20, 30, 8, 4, 0.8, 5],
      [40, 40, 2, 2, 0.5, 3],
      [41, 41, 2, 2, 0.5, 4],
    ].flat(),
  ),
  count: 3,
  boxesPerAnchor: 2,
};

test('answers with the most similar anchor and its box of highest objectness, by hand', () => {
  const match = selectBestAnchor(image, Float32Array.of(-1, 2));
  expect(match).toMatchObject({ anchor: 1, box: [16, 28, 24, 32], score: 4, margin: 5, category: 5 });
  expect(match.objectness).toBeCloseTo(0.8);
  expect(match.confidence).toBeCloseTo(1 / (1 + Math.exp(-5) + Math.exp(-5)));
});

test('of equal similarities and objectnesses the first wins', () => {
  expect(selectBestAnchor(image, Float32Array.of(0, 0))).toMatchObject({ anchor: 0, margin: 0 });
  expect(selectBestAnchor(image, Float32Array.of(1, 0))).toMatchObject({
    anchor: 2,
    box: [39, 39, 41, 41],
    category: 3,
  });
});
