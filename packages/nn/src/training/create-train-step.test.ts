import type { HostTensor, NamedHostTensors, NamedTensors } from '@refclip/runtime';
import { WeightsError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNorm } from '../layers/batch-norm.js';
import { conv2d } from '../layers/conv2d.js';
import { leakyRelu } from '../layers/leaky-relu.js';
import { linear } from '../layers/linear.js';
import { declareParameters } from '../parameters/declare-parameters.js';
import { initializeParameters } from '../parameters/initialize-parameters.js';
import { loadParameters } from '../parameters/load-parameters.js';
import type { Scope } from '../parameters/scope.js';
import { CounterRandom } from '../random/counter-random.js';
import fixture from './__fixtures__/training.torch.json' with { type: 'json' };
import { createTrainStep, modelValues, type TrainStep } from './create-train-step.js';
import { drawMasks } from './draw-masks.js';

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Named = Readonly<Record<string, Numbers>>;

const host = ({ shape, data }: Numbers): HostTensor => ({ shape, dtype: 'float32', data: Float32Array.from(data) });
const hosts = (named: Named): NamedHostTensors =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [name, host(value)]));
const toTensors = (named: NamedHostTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(named).map(([name, { data, shape, dtype }]) => [
      name,
      tf.tensor(data, [...shape], dtype === 'uint8' ? 'int32' : dtype),
    ]),
  );
const toHosts = (named: NamedTensors): NamedHostTensors =>
  Object.fromEntries(
    Object.entries(named).map(([name, value]) => [
      name,
      { shape: value.shape, dtype: value.dtype as HostTensor['dtype'], data: value.dataSync().slice() } as HostTensor,
    ]),
  );

/** One step on tfjs's cpu backend, host to host. */
function runStep(step: TrainStep, state: NamedHostTensors, inputs: NamedHostTensors) {
  const result = tf.tidy(() => {
    const { state: next, outputs } = step.program(toTensors(state), toTensors(inputs), toTensors(step.constants));
    return [next as Record<string, tf.Tensor>, outputs as Record<string, tf.Tensor>];
  });
  const [next, outputs] = result.map((named) => toHosts(named as NamedTensors)) as [NamedHostTensors, NamedHostTensors];
  tf.dispose(result);
  return { state: next, outputs };
}

function network(scope: Scope, x: tf.Tensor) {
  const map = batchNorm(
    scope.child('batch_norm'),
    conv2d(scope.child('conv'), x as tf.Tensor4D, { filters: 3, kernelSize: 3, bias: false }),
  );
  const y = linear(scope.child('fc'), tf.mean(tf.square(leakyRelu(map)), [1, 2]), { features: 2 });
  linear(scope.child('unused'), y, { features: 2 });
  return y;
}
const loss = (scope: Scope, { x, target, scale }: NamedTensors) => {
  const difference = tf.sub(tf.mul(network(scope, x as tf.Tensor), scale as tf.Tensor), target as tf.Tensor);
  return { loss: tf.mean(tf.square(difference)), metrics: { largest: tf.max(tf.abs(difference)) } };
};
const batch = {
  x: { shape: [2, 4, 4, 2], dtype: 'float32' },
  target: { shape: [2, 2], dtype: 'float32' },
  scale: { shape: [], dtype: 'float32' },
} as const;
const { parameters: specs } = declareParameters(loss, batch);
const start = loadParameters(specs, hosts(fixture.start), { where: 'fixture' });
const { maxGradientNorm, decay, ...optimizer } = fixture.options;
const inputsOf = (step: (typeof fixture.steps)[number]): NamedHostTensors => ({
  x: host(step.x),
  target: host(step.target),
  scale: host({ shape: [], data: [step.scale] }),
  learningRate: host({ shape: [], data: [step.learningRate] }),
});

beforeAll(() => tf.setBackend('cpu'));

describe('createTrainStep', () => {
  it('matches four steps of torch: loss, norm, clipping, Adam, statistics, moving average', () => {
    const step = createTrainStep({ loss, batch, values: start, optimizer, maxGradientNorm, movingAverageDecay: decay });
    let state = step.state;
    for (const [index, expected] of fixture.steps.entries()) {
      const result = runStep(step, state, inputsOf(expected));
      state = result.state;
      expect(result.outputs.loss?.data).toBeAllClose([expected.loss], { rtol: 1e-4 });
      expect(result.outputs.gradientNorm?.data).toBeAllClose([expected.gradientNorm], { rtol: 1e-4 });
      expect(Object.keys(result.outputs).sort()).toEqual(['gradientNorm', 'largest', 'loss']);
      expect(state.step?.data).toEqual(Int32Array.of(index + 1));
      for (const average of [false, true]) {
        const values = modelValues(state, step.constants, { average });
        const named = (average ? expected.average : expected.state) as Named;
        const wanted = loadParameters(specs, hosts(named), { where: 'fixture' });
        expect(Object.keys(values).sort()).toEqual(Object.keys(wanted).sort());
        for (const [name, value] of Object.entries(wanted)) {
          // Adam divides by the gradient's size, so float32 noise in small gradients shows at the scale of the rate.
          expect(values[name] as HostTensor, name).toBeAllClose(value, { rtol: 1e-4, atol: 2e-6 });
        }
      }
    }
  });

  it('keeps frozen parameters and unread statistics out of the state', () => {
    const frozenConv = (scope: Scope, inputs: NamedTensors) => loss(scope.frozen(), inputs);
    const step = createTrainStep({
      loss: frozenConv,
      batch,
      values: start,
      trainable: (name) => name.startsWith('fc.'),
    });
    const names = (named: NamedHostTensors) => Object.keys(named).sort();
    const trained = ['fc.bias', 'fc.weight'];
    expect(names(step.state)).toEqual(
      [
        ...['adam.m', 'adam.v', 'ema', 'parameter'].flatMap((kind) => trained.map((name) => `${kind}/${name}`)),
        'step',
      ].sort(),
    );
    expect(names(step.constants)).toContain('statistic/batch_norm.running_mean');
    expect(names(step.constants)).toContain('parameter/conv.weight');
    const { state } = runStep(step, step.state, inputsOf(fixture.steps[0] as (typeof fixture.steps)[0]));
    const values = modelValues(state, step.constants, { average: false });
    expect(values['conv.weight']).toEqual(start['conv.weight']);
    expect(values['fc.weight']).not.toEqual(start['fc.weight']);
    expect(names(values)).toEqual(names(start));
  });

  it('moves the statistics of a frozen layer that runs on batch statistics', () => {
    const step = createTrainStep({ loss, batch, values: start, trainable: (name) => !name.startsWith('batch_norm') });
    expect(step.state).toHaveProperty(['statistic/batch_norm.running_mean']);
    expect(step.state).toHaveProperty(['ema/batch_norm.running_mean']);
    expect(step.constants).toHaveProperty(['parameter/batch_norm.weight']);
  });

  it('runs without a moving average', () => {
    const step = createTrainStep({ loss, batch, values: start, movingAverageDecay: false });
    const { state } = runStep(step, step.state, inputsOf(fixture.steps[0] as (typeof fixture.steps)[0]));
    expect(Object.keys(state).sort()).toEqual(Object.keys(step.state).sort());
    expect(Object.keys(state).some((name) => name.startsWith('ema/'))).toBe(false);
  });

  it('takes dropout masks as inputs', () => {
    const dropped = (scope: Scope, { x }: NamedTensors) => {
      const y = scope.child('drop').dropout(linear(scope.child('fc'), x as tf.Tensor, { features: 4 }), 0.5);
      return { loss: tf.sum(y) };
    };
    const declared = { x: { shape: [3, 2], dtype: 'float32' } } as const;
    const values = initializeParameters(declareParameters(dropped, declared).parameters, 1);
    const step = createTrainStep({ loss: dropped, batch: declared, values });
    expect(step.inputs['mask/drop']).toEqual({ shape: [3, 4], dtype: 'bool' });
    const masks = drawMasks(step.masks, new CounterRandom(1).stream('dropout', 0));
    expect(Object.keys(masks)).toEqual(['mask/drop']);
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const inputs = {
      x: { shape: [3, 2], dtype: 'float32', data: x },
      learningRate: host({ shape: [], data: [0] }),
      ...masks,
    };
    const [weight, bias] = [values['fc.weight'] as HostTensor, values['fc.bias'] as HostTensor];
    let expected = 0;
    for (let row = 0; row < 3; row++) {
      for (let out = 0; out < 4; out++) {
        if (!masks['mask/drop']?.data[row * 4 + out]) continue;
        const [w0, w1, b] = [weight.data[out], weight.data[4 + out], bias.data[out]] as [number, number, number];
        expected += 2 * ((x[row * 2] as number) * w0 + (x[row * 2 + 1] as number) * w1 + b);
      }
    }
    expect(runStep(step, step.state, inputs as NamedHostTensors).outputs.loss?.data).toBeAllClose([expected]);
  });

  it('leaks no tensors', () => {
    const step = createTrainStep({ loss, batch, values: start });
    const before = tf.memory().numTensors;
    runStep(step, step.state, inputsOf(fixture.steps[0] as (typeof fixture.steps)[0]));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('lists every missing and mismatched tensor', () => {
    const { 'fc.weight': _, 'fc.bias': __, ...rest } = start;
    const values = { ...rest, 'conv.weight': host({ shape: [1], data: [0] }) };
    try {
      createTrainStep({ loss, batch, values });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(WeightsError);
      expect((error as WeightsError).missing).toEqual(['fc.weight', 'fc.bias']);
      expect((error as WeightsError).mismatched.map(({ name }) => name)).toEqual(['conv.weight']);
    }
  });

  it('refuses reserved names', () => {
    const reserved = { ...batch, learningRate: { shape: [], dtype: 'float32' } } as const;
    expect(() => createTrainStep({ loss, batch: reserved, values: start })).toThrow(/learningRate has a reserved name/);
    const named = (scope: Scope, inputs: NamedTensors) => {
      const result = loss(scope, inputs);
      return { ...result, metrics: { loss: result.loss } };
    };
    const step = createTrainStep({ loss: named, batch, values: start });
    const inputs = inputsOf(fixture.steps[0] as (typeof fixture.steps)[0]);
    expect(() => runStep(step, step.state, inputs)).toThrow(/metric loss has a reserved name/);
  });
});
