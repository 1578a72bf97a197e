import { finiteDifferences, fnv1a, mulberry32 } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import fixture from '../__fixtures__/realgin-cases.json' with { type: 'json' };
import { pickBestBoxes } from '../boxes/pick-best-boxes.js';
import { singleBoxLoss } from './single-box-loss.js';
import { decodeSingleBoxes, REALGIN_ANCHORS } from './single-box-output.js';
import { singleBoxTargets } from './single-box-targets.js';

beforeAll(() => tf.setBackend('cpu'));

const { head } = fixture;
const options = { anchors: REALGIN_ANCHORS, stride: 32 };
const [batch, side, count] = [6, 13, 3];
const cells = side * side;
/** `[B, A, 5, H, W]`, as the fixture has it. */
const raw = Float32Array.from(mulberry32(fnv1a('realgin-raw'), batch * count * 5 * cells), (u) => u * 4 - 2);
const mapOf = (values: Float32Array) =>
  tf.reshape(tf.transpose(tf.tensor(values, [batch, count, 5, cells]), [0, 3, 1, 2]), [
    batch,
    side,
    side,
    5 * count,
  ]) as tf.Tensor4D;
const targets = () => tf.mul(tf.tensor2d(head.labels), side) as tf.Tensor2D;

function expectSummary(data: ArrayLike<number>, expected: typeof head.decoded, tolerance: number): void {
  const rms = expected.l2 / Math.sqrt(expected.size);
  expect(data.length).toBe(expected.size);
  expect([Math.hypot(...Array.from(data))]).toBeAllClose([expected.l2], { rtol: tolerance });
  expect(expected.at.map((at) => data[at] as number)).toBeAllClose(expected.values, {
    rtol: tolerance,
    atol: tolerance * rms,
  });
}

describe("the official head's numbers on a generated output", () => {
  it('boxes in cells and objectness', () => {
    const { boxes, objectness } = decodeSingleBoxes(mapOf(raw), options);
    const all = tf.concat([boxes, tf.reshape(tf.sigmoid(objectness), [batch, count * cells, 1])], 2);
    expectSummary(all.dataSync(), head.decoded, 1e-5);
  });

  it('targets: anchor, cell, offsets, logarithms, scale; nothing for no object', () => {
    const { assigned, values, scale } = singleBoxTargets(targets(), side, options);
    const all = values.dataSync();
    head.targets.forEach((expected, b) => {
      const row = Array.from(assigned.dataSync().slice(b * count * cells, (b + 1) * count * cells));
      const at = row.flatMap((value, i) => (value ? [i] : []));
      if (!expected) {
        expect(at).toEqual([]);
        return;
      }
      expect(at).toEqual([expected.anchor * cells + expected.row * side + expected.column]);
      const start = 4 * (b * count + expected.anchor);
      expect(all.slice(start, start + 4)).toBeAllClose(expected.t, { rtol: 1e-5, atol: 1e-6 });
      expect([scale.dataSync()[b] as number]).toBeAllClose([expected.scale]);
    });
  });

  it('ignored boxes, the loss and its parts', () => {
    const { loss, parts, ignored } = singleBoxLoss(decodeSingleBoxes(mapOf(raw), options), targets(), options);
    head.ignored.forEach((expected, b) => {
      const row = Array.from(ignored.dataSync().slice(b * count * cells, (b + 1) * count * cells));
      expect(row.flatMap((value, i) => (value ? [i] : []))).toEqual(expected);
    });
    expect(loss.dataSync()).toBeAllClose([head.loss]);
    expect(parts.xy.dataSync()).toBeAllClose([head.parts.xy], { rtol: 1e-5, atol: 0 });
    expect(parts.wh.dataSync()).toBeAllClose([head.parts.wh], { rtol: 1e-5, atol: 0 });
    expect(parts.objectness.dataSync()).toBeAllClose([head.parts.obj], { rtol: 1e-5, atol: 0 });
  });

  const loss = (values: tf.Tensor) => {
    const map = tf.reshape(tf.transpose(tf.reshape(values, [batch, count, 5, cells]), [0, 3, 1, 2]), [
      batch,
      side,
      side,
      5 * count,
    ]) as tf.Tensor4D;
    return singleBoxLoss(decodeSingleBoxes(map, options), targets(), options).loss;
  };

  it('the gradient by the raw output, also against finite differences where it matters most', () => {
    const gradient = tf.grad(loss)(tf.tensor1d(raw)).dataSync();
    expectSummary(gradient, head.grad, 1e-4);
    const places = [...gradient.keys()].sort(
      (a, b) => Math.abs(gradient[b] as number) - Math.abs(gradient[a] as number),
    );
    const chosen = places.slice(0, 6);
    const at = (few: Float32Array) => {
      const moved = raw.slice();
      chosen.forEach((place, i) => {
        moved[place] = few[i] as number;
      });
      return tf.tidy(() => loss(tf.tensor1d(moved)).dataSync()[0] as number);
    };
    const expected = finiteDifferences(
      at,
      Float32Array.from(chosen, (place) => raw[place] as number),
      1e-2,
    );
    expect(chosen.map((place) => gradient[place] as number)).toBeAllClose(expected, { rtol: 1e-2, atol: 1e-3 });
  });

  it('the best box, in pixels', () => {
    const { boxes, objectness } = decodeSingleBoxes(mapOf(raw), options);
    const best = pickBestBoxes(tf.mul(boxes, 32), objectness);
    const rows = head.box_xyxy_score;
    expect(best.boxes.dataSync()).toBeAllClose(
      rows.flatMap((row) => row.slice(0, 4)),
      { rtol: 1e-5, atol: 1e-3 },
    );
    expect(best.scores.dataSync()).toBeAllClose(rows.map((row) => row[4] as number));
    expect([...tf.argMax(objectness, 1).dataSync()]).toEqual(head.best);
  });

  it('scales each image by its weight', () => {
    const output = decodeSingleBoxes(mapOf(raw), options);
    const only = (b: number) => {
      const weights = tf.oneHot(tf.scalar(b, 'int32'), batch).toFloat() as tf.Tensor1D;
      return singleBoxLoss(output, targets(), { ...options, weights }).loss.dataSync()[0] as number;
    };
    const sum = Array.from({ length: batch }, (_, b) => only(b)).reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(head.loss, 4);
  });
});
