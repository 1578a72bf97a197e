import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createScope, loadParameters } from '@refclip/nn';
import { fnv1a, mulberry32 } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDetector } from '../src/yolov3/create-detector.js';
import { STRIDES } from '../src/yolov3/detector-options.js';
import { parityWeights } from './parity-weights.js';

interface Summary {
  readonly size: number;
  readonly mean: number;
  readonly std: number;
  readonly l2: number;
  readonly at: readonly number[];
  readonly values: readonly number[];
}

const folder = process.env.REFCLIP_SHARED;
if (!folder) throw new Error('Set REFCLIP_SHARED to the folder that holds fixtures/parity.');
const read = (name: string) => JSON.parse(readFileSync(join(folder, 'fixtures/parity', name), 'utf8'));
const parity = read('refclip-refcoco.json') as { eval: Record<string, Summary>; generator: Record<string, number[]> };
const shapes = Object.fromEntries(
  Object.entries(read('state-dict-refcoco.json') as Record<string, number[]>)
    .filter(([name]) => name.startsWith('visual_encoder.'))
    .map(([name, shape]) => [name.slice('visual_encoder.'.length), shape]),
);

/** NCHW or plain data of the whole batch against a summary. */
function expectSummary(name: string, data: Float32Array): void {
  const expected = parity.eval[name] as Summary;
  expect(data.length).toBe(expected.size);
  let [sum, squares] = [0, 0];
  for (const x of data) {
    sum += x;
    squares += x * x;
  }
  const mean = sum / data.length;
  const deviation = Math.sqrt(squares / data.length - mean * mean);
  expect([deviation, Math.sqrt(squares)], name).toBeAllClose([expected.std, expected.l2], { rtol: 1e-4 });
  expect([mean], name).toBeAllClose([expected.mean], { rtol: 1e-4, atol: 1e-4 * expected.std });
  const sampled = expected.at.map((at) => data[at] as number);
  expect(sampled, name).toBeAllClose(expected.values, { rtol: 1e-4, atol: 1e-4 * expected.std });
}

describe('the full-size detector', () => {
  beforeAll(() => tf.setBackend('wasm'));

  it('agrees with the official model: features and boxes of all scales', () => {
    const detector = createDetector();
    const weights = parityWeights(shapes);
    for (const [name, values] of Object.entries(parity.generator)) {
      const tensor = weights[name.replace('visual_encoder.', '')];
      if (tensor) expect(tensor.data.slice(0, 4)).toBeAllClose(values, { rtol: 1e-7, atol: 0 });
    }
    const values = loadParameters(detector.parameters, weights, { where: 'parity weights' });
    const tensors = Object.fromEntries(
      Object.entries(values).map(([name, v]) => [name, tf.tensor(v.data, [...v.shape], v.dtype as 'float32')]),
    );
    const side = 416;
    const image = Float32Array.from(mulberry32(fnv1a('image'), 3 * 3 * side * side), (u) => u * 4 - 2);
    const collected = new Map<string, Float32Array[]>();
    for (let at = 0; at < 3; at++) {
      const pixels = image.subarray(at * 3 * side * side, (at + 1) * 3 * side * side);
      const outputs = tf.tidy(() => {
        const nchw = tf.tensor4d(pixels, [1, 3, side, side]);
        const { scope } = createScope(tensors, { training: false });
        const found = detector.detect(scope, tf.transpose(nchw, [0, 2, 3, 1]), { heads: STRIDES });
        const nchwOf = (map: tf.Tensor4D) => tf.transpose(map, [0, 3, 1, 2]);
        return {
          features_13: nchwOf(found.feature13),
          features_26: nchwOf(found.feature26),
          features_52: nchwOf(found.feature52),
          boxes_13: found.boxes[32] as tf.Tensor,
          boxes_26: found.boxes[16] as tf.Tensor,
          boxes_52: found.boxes[8] as tf.Tensor,
        };
      });
      for (const [name, tensor] of Object.entries(outputs)) {
        collected.set(name, [...(collected.get(name) ?? []), tensor.dataSync().slice() as Float32Array]);
        tensor.dispose();
      }
    }
    for (const [name, parts] of collected) {
      const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
      let offset = 0;
      for (const part of parts) {
        whole.set(part, offset);
        offset += part.length;
      }
      expectSummary(name, whole);
    }
    expect([...collected.keys()]).toHaveLength(6);
  });
});
