import { expect, it } from 'vitest';
import { computeLetterbox, imageToLetterbox, letterboxToImage } from './letterbox.js';

// Sizes and geometry from the fixtures computed with OpenCV (fixtures/letterbox/expected.json).
it.each([
  [640, 427, { resizedWidth: 416, resizedHeight: 277, padX: 0, padY: 69 }],
  [333, 500, { resizedWidth: 277, resizedHeight: 416, padX: 69, padY: 0 }],
  [416, 416, { resizedWidth: 416, resizedHeight: 416, padX: 0, padY: 0 }],
])('letterboxes %i×%i to 416 as the official code does', (width, height, expected) => {
  expect(computeLetterbox(width, height, 416)).toMatchObject(expected);
});

it('maps boxes there and back', () => {
  const letterbox = computeLetterbox(640, 427, 416);
  const box = [128, 128.1, 448, 298.9] as const;
  expect([...letterboxToImage(imageToLetterbox(box, letterbox), letterbox)]).toBeAllClose([...box], { rtol: 1e-12 });
});
