import { finiteDifferences, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { decodeYoloxBoxes } from './decode-yolox-boxes.js';
import { yoloxLoss } from './yolox-loss.js';

beforeAll(() => tf.setBackend('cpu'));

const [batch, side, stride] = [2, 3, 32];
const cells = side * side;
const raw = uniform('raw', batch * cells * 4);
const logits = uniform('logits', batch * cells, -2, 2);
const target = [40, 50, 60, 44, 0, 0, 0, 0];

/** Boxes of cells, one by one. */
const decoded = (values: ArrayLike<number>) =>
  Array.from({ length: batch * cells }, (_, row) => {
    const cell = row % cells;
    const [x, y, w, h] = [0, 1, 2, 3].map((i) => values[4 * row + i] as number) as [number, number, number, number];
    return [
      (x + (cell % side)) * stride,
      (y + Math.floor(cell / side)) * stride,
      Math.exp(w) * stride,
      Math.exp(h) * stride,
    ] as [number, number, number, number];
  });

/** The loss in loops, for given positives. */
function reference(values: ArrayLike<number>, own: ArrayLike<number>, positive: ArrayLike<number>, weights: number[]) {
  let [iouPart, objectness, count] = [0, 0, 0];
  decoded(values).forEach(([cx, cy, w, h], row) => {
    const image = Math.floor(row / cells);
    const [tx, ty, tw, th] = target.slice(4 * image, 4 * image + 4) as [number, number, number, number];
    const weight = weights[image] as number;
    if (positive[row]) {
      count++;
      const along = (a: number, al: number, b: number, bl: number) =>
        Math.max(0, Math.min(a + al / 2, b + bl / 2) - Math.max(a - al / 2, b - bl / 2));
      const shared = along(cx, w, tx, tw) * along(cy, h, ty, th);
      iouPart += weight * (1 - (shared / (w * h + tw * th - shared)) ** 2);
    }
    const x = own[row] as number;
    objectness += weight * (Math.log1p(Math.exp(x)) - (positive[row] ? x : 0));
  });
  const n = Math.max(1, count);
  return { loss: (5 * iouPart + objectness) / n, iou: iouPart / n, objectness: objectness / n, positives: count };
}

const run = (boxes: tf.Tensor, own: tf.Tensor, weights?: tf.Tensor1D) =>
  yoloxLoss(
    {
      boxes: decodeYoloxBoxes(boxes as tf.Tensor3D, stride),
      objectness: own as tf.Tensor2D,
      target: tf.tensor2d(target, [batch, 4]),
      ...(weights && { weights }),
    },
    { stride },
  );
const rawTensor = () => tf.tensor3d(raw, [batch, cells, 4]);
const logitTensor = () => tf.tensor2d(logits, [batch, cells]);

test('decodes cells row by row', () => {
  expect(decodeYoloxBoxes(rawTensor(), stride).dataSync()).toBeAllClose(decoded(raw).flat());
});

test.each([undefined, [0.5, 2]])('equals loops, with weights %j', (weights) => {
  const { loss, parts, positive } = run(rawTensor(), logitTensor(), weights && tf.tensor1d(weights));
  const mask = positive.dataSync();
  const expected = reference(raw, logits, mask, weights ?? [1, 1]);
  expect(expected.positives).toBeGreaterThan(0);
  expect(Array.from(mask).slice(cells)).toEqual(Array(cells).fill(0));
  expect(loss.dataSync()).toBeAllClose([expected.loss]);
  expect(parts.iou.dataSync()).toBeAllClose([expected.iou]);
  expect(parts.objectness.dataSync()).toBeAllClose([expected.objectness]);
  expect(parts.positives.dataSync()).toBeAllClose([expected.positives]);
});

test('has the gradients of finite differences at fixed positives', () => {
  const mask = run(rawTensor(), logitTensor()).positive.dataSync();
  const [byRaw, byLogits] = tf.grads((a: tf.Tensor, b: tf.Tensor) => run(a, b).loss)([rawTensor(), logitTensor()]);
  const ofRaw = finiteDifferences((v) => reference(v, logits, mask, [1, 1]).loss, raw);
  const ofLogits = finiteDifferences((v) => reference(raw, v, mask, [1, 1]).loss, logits);
  expect(byRaw?.dataSync()).toBeAllClose(ofRaw, { rtol: 2e-3, atol: 1e-4 });
  expect(byLogits?.dataSync()).toBeAllClose(ofLogits, { rtol: 2e-3, atol: 1e-4 });
});
