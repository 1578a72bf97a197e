import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { CounterRandom } from '../random/counter-random.js';
import schedule from './__fixtures__/warmup-cosine.json' with { type: 'json' };
import { adam } from './adam.js';
import { clipByGlobalNorm } from './clip-by-global-norm.js';
import { drawMasks } from './draw-masks.js';
import { updateMovingAverage } from './update-moving-average.js';
import { warmupCosine } from './warmup-cosine.js';

beforeAll(() => tf.setBackend('cpu'));

describe('warmupCosine', () => {
  const options = {
    learningRate: schedule.lr,
    warmupLearningRate: schedule.warmupLr,
    minimumLearningRate: schedule.minLr,
    warmupSteps: schedule.warmupEpochs * schedule.stepsPerEpoch,
    totalSteps: schedule.epochs * schedule.stepsPerEpoch,
  };
  it('gives the rates of the official schedule', () => {
    for (const [step, rate] of schedule.at as [number, number][]) {
      expect([warmupCosine(step, options)]).toBeAllClose([rate], { rtol: 1e-12, atol: 0 });
    }
  });
  it('stays at the minimum after the end, and starts at the full rate without a warm-up', () => {
    expect(warmupCosine(options.totalSteps + 5, options)).toBe(schedule.minLr);
    expect(warmupCosine(0, { ...options, warmupSteps: 0 })).toBe(schedule.lr);
  });
});

describe('adam', () => {
  it('equals the formula in float64 over many steps', () => {
    const size = 6;
    const [beta1, beta2, epsilon, rate] = [0.9, 0.98, 1e-9, 0.01];
    const p = Float64Array.from(uniform('p', size));
    const [m, v] = [new Float64Array(size), new Float64Array(size)];
    let state = {
      parameters: { p: tf.tensor1d(Float32Array.from(p)) as tf.Tensor },
      first: {},
      second: {},
    } as Parameters<typeof adam>[0];
    state = { ...state, first: { p: tf.zeros([size]) }, second: { p: tf.zeros([size]) } };
    for (let step = 1; step <= 20; step++) {
      const g = uniform(`g${step}`, size);
      state = adam(
        state,
        { p: tf.tensor1d(g) },
        { step: tf.scalar(step, 'int32'), learningRate: tf.scalar(rate) },
        { beta1, beta2, epsilon },
      );
      for (let i = 0; i < size; i++) {
        const gradient = g[i] as number;
        m[i] = beta1 * (m[i] as number) + (1 - beta1) * gradient;
        v[i] = beta2 * (v[i] as number) + (1 - beta2) * gradient * gradient;
        const correctedM = (m[i] as number) / (1 - beta1 ** step);
        const correctedV = (v[i] as number) / (1 - beta2 ** step);
        p[i] = (p[i] as number) - (rate * correctedM) / (Math.sqrt(correctedV) + epsilon);
      }
    }
    expect(state.parameters.p?.dataSync()).toBeAllClose(p, { rtol: 1e-5, atol: 1e-6 });
  });
  it('scales gradients as if they had come scaled', () => {
    const given = { parameters: { p: tf.scalar(1) }, first: { p: tf.scalar(0.2) }, second: { p: tf.scalar(0.3) } };
    const at = { step: tf.scalar(3), learningRate: tf.scalar(0.1) };
    const scaled = adam(given, { p: tf.scalar(0.5) }, at);
    const late = adam(given, { p: tf.scalar(2) }, { ...at, gradientScale: tf.scalar(0.25) });
    const read = (state: typeof scaled) =>
      [state.parameters, state.first, state.second].map(({ p }) => p?.dataSync()[0]);
    expect(read(late)).toBeAllClose(read(scaled) as number[], { rtol: 1e-6 });
  });
  it('leaves a parameter without a gradient and its moments alone', () => {
    const given = { parameters: { p: tf.scalar(1) }, first: { p: tf.scalar(2) }, second: { p: tf.scalar(3) } };
    const after = adam(given, {}, { step: tf.scalar(1), learningRate: tf.scalar(1) });
    expect([after.parameters.p, after.first.p, after.second.p].map((t) => t?.dataSync()[0])).toEqual([1, 2, 3]);
  });
});

describe('clipByGlobalNorm', () => {
  const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[4]]) };
  const factor = (given: typeof gradients | { a: tf.Tensor }, limit?: number) =>
    clipByGlobalNorm(given, limit).scale.dataSync()[0];
  it('gives one factor for all gradients when their joint norm is too large', () => {
    const { scale, norm } = clipByGlobalNorm(gradients, 1);
    expect(norm.dataSync()).toBeAllClose([5]);
    expect(scale.dataSync()).toBeAllClose([0.2]);
  });
  it('never enlarges them', () => {
    expect(factor(gradients, 100)).toBe(1);
    expect(factor({ a: tf.zeros([2]) }, 1)).toBe(1);
  });
  it('only measures without a limit', () => {
    expect(factor(gradients)).toBe(1);
    expect(clipByGlobalNorm(gradients, undefined).norm.dataSync()).toBeAllClose([5]);
  });
});

describe('updateMovingAverage', () => {
  it('decays by (1 + t)/(10 + t) up to the limit; counters take the current value', () => {
    const run = (t: number) =>
      updateMovingAverage(
        { a: tf.scalar(1), count: tf.scalar(3, 'int32') },
        { a: tf.scalar(2), count: tf.scalar(7, 'int32') },
        tf.scalar(t, 'int32'),
      );
    expect(run(0).a?.dataSync()).toBeAllClose([1.9]);
    expect(run(2).a?.dataSync()).toBeAllClose([1.75]);
    expect(run(1e6).a?.dataSync()).toBeAllClose([1.0003], { rtol: 1e-6 });
    expect(run(0).count?.dataSync()).toEqual(Int32Array.of(7));
  });
});

describe('drawMasks', () => {
  it('draws each mask from a stream of its own, with the right rate', () => {
    const random = new CounterRandom(1);
    const specs = [
      { name: 'a', shape: [100, 40], rate: 0.1 },
      { name: 'b', shape: [100, 40], rate: 0.1 },
    ];
    const masks = drawMasks(specs, random);
    const zeros = masks['mask/a']?.data.filter((x) => x === 0).length ?? 0;
    expect(Math.abs(zeros - 400)).toBeLessThan(95);
    expect(masks['mask/a']?.data).not.toEqual(masks['mask/b']?.data);
    expect(drawMasks(specs.slice(1), random)['mask/b']).toEqual(masks['mask/b']);
  });
});
