import { createEngine, type HostTensor, type NamedTensors } from '@refclip/runtime';
import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createScope } from '../parameters/create-scope.js';
import { declareParameters } from '../parameters/declare-parameters.js';
import { loadParameters } from '../parameters/load-parameters.js';
import fixture from './__fixtures__/layers.torch.json' with { type: 'json' };
import { batchNorm } from './batch-norm.js';
import { convBnLeaky } from './conv-bn-leaky.js';
import { conv2d } from './conv2d.js';
import { leakyRelu } from './leaky-relu.js';
import { linear } from './linear.js';

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const host = ({ shape, data }: Numbers): HostTensor => ({ shape, dtype: 'float32', data: Float32Array.from(data) });
const tensor = ({ shape, data }: Numbers) => tf.tensor([...data], [...shape], 'float32');
const read = (x: tf.Tensor) => ({ data: x.dataSync(), shape: x.shape });
const hosts = (state: Readonly<Record<string, Numbers>>) =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [name, host(value)]));
const onDevice = (values: ReturnType<typeof loadParameters>): NamedTensors =>
  Object.fromEntries(
    Object.entries(values).map(([name, v]) => [name, tf.tensor(v.data, [...v.shape], v.dtype as 'float32')]),
  );

beforeAll(() => tf.setBackend('cpu'));

describe('convBnLeaky', () => {
  const options = { filters: 4, kernelSize: 3, stride: 2 };
  const unit = (scope: Parameters<typeof convBnLeaky>[0], x: tf.Tensor4D) => convBnLeaky(scope, x, options);
  const specs = declareParameters((scope, { x }) => unit(scope, x as tf.Tensor4D), {
    x: { shape: fixture.x.shape, dtype: 'float32' },
  }).parameters;

  it('declares the official names', () => {
    expect(specs.map((spec) => spec.name)).toEqual(Object.keys(fixture.state));
  });

  it.each(['running', 'batch'] as const)(
    'matches torch with %s statistics: values, gradients, new statistics',
    (mode) => {
      const expected = fixture.cases[mode];
      const values = onDevice(loadParameters(specs, hosts(fixture.state), { where: 'fixture' }));
      const trained = specs.filter((spec) => spec.kind === 'parameter');
      let statistics: NamedTensors = {};
      const loss = (x: tf.Tensor, ...parameters: tf.Tensor[]) => {
        const given = {
          ...values,
          ...Object.fromEntries(trained.map((spec, i) => [spec.name, parameters[i] as tf.Tensor])),
        };
        const { scope, updatedStatistics } = createScope(given, { training: mode === 'batch' });
        const y = unit(scope, x as tf.Tensor4D);
        expect(read(y)).toBeAllClose(expected.output, { rtol: 1e-5, atol: 1e-5 });
        statistics = Object.fromEntries(Object.entries(updatedStatistics()).map(([k, v]) => [k, tf.keep(v)]));
        return tf.sum(tf.mul(y, tensor(fixture.coefficients))) as tf.Scalar;
      };
      const { grads } = tf.valueAndGrads(loss)([tensor(fixture.x), ...trained.map((s) => values[s.name] as tf.Tensor)]);
      expect(read(grads[0] as tf.Tensor)).toBeAllClose(expected.inputGradient, { rtol: 1e-4, atol: 1e-5 });
      const expectedGradients = loadParameters(trained, hosts(expected.gradients), { where: 'fixture' });
      trained.forEach((spec, i) => {
        expect(read(grads[i + 1] as tf.Tensor)).toBeAllClose(expectedGradients[spec.name] as HostTensor, {
          rtol: 1e-4,
          atol: 1e-5,
        });
      });
      if (mode === 'running') {
        expect(statistics).toEqual({});
      } else {
        const after = expected.statistics as Readonly<Record<string, Numbers>>;
        expect(Object.keys(statistics).sort()).toEqual(Object.keys(after).sort());
        for (const [name, value] of Object.entries(after))
          expect(read(statistics[name] as tf.Tensor)).toBeAllClose(value);
      }
    },
  );

  it('leaks no tensors in a tidy', () => {
    const values = onDevice(loadParameters(specs, hosts(fixture.state), { where: 'fixture' }));
    const x = tensor(fixture.x) as tf.Tensor4D;
    const before = tf.memory().numTensors;
    tf.tidy(() => unit(createScope(values, { training: true }).scope, x)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('batchNorm', () => {
  const values = () => ({
    weight: tf.ones([2]),
    bias: tf.zeros([2]),
    running_mean: tf.zeros([2]),
    running_var: tf.ones([2]),
    num_batches_tracked: tf.scalar(0, 'int32'),
  });
  it('normalizes by the biased and keeps the unbiased variance', () => {
    const { scope, updatedStatistics } = createScope(values(), { training: true });
    // Channel 0 holds 1, 3: mean 2, biased variance 1, unbiased 2. Channel 1 is constant.
    const y = batchNorm(scope, tf.tensor2d([1, 5, 3, 5], [2, 2]), { epsilon: 0 });
    expect(y.dataSync()[0]).toBe(-1);
    expect(updatedStatistics().running_var?.dataSync()).toBeAllClose([0.9 + 0.1 * 2, 0.9]);
    expect(updatedStatistics().running_mean?.dataSync()).toBeAllClose([0.2, 0.5]);
  });
  it('keeps to running statistics in a frozen scope and when told so', () => {
    const { scope, updatedStatistics } = createScope(values(), { training: true });
    const x = tf.tensor2d([1, 5, 3, 5], [2, 2]);
    expect(batchNorm(scope.frozen(), x, { epsilon: 0 }).dataSync()).toBeAllClose([1, 5, 3, 5]);
    expect(batchNorm(scope, x, { epsilon: 0, mode: 'running' }).dataSync()).toBeAllClose([1, 5, 3, 5]);
    expect(updatedStatistics()).toEqual({});
  });
  it('keeps float32 precision on large maps, compiled', async () => {
    const [height, width] = [512, 512];
    const data = uniform('large', height * width, 0.5, 1.5);
    const engine = await createEngine({ engine: 'compiled' });
    const inputs = { x: { shape: [1, height, width, 1], dtype: 'float32' as const, data } };
    const executable = await engine.compile(
      ({ x }) => {
        const weights = { ...values(), weight: tf.ones([1]), bias: tf.zeros([1]) };
        const { scope, updatedStatistics } = createScope(
          { ...weights, running_mean: tf.zeros([1]), running_var: tf.zeros([1]) },
          { training: true },
        );
        batchNorm(scope, x as tf.Tensor4D, { momentum: 1 });
        const { running_mean, running_var } = updatedStatistics() as Record<'running_mean' | 'running_var', tf.Tensor>;
        return { mean: running_mean, variance: running_var };
      },
      { name: 'statistics', inputs },
    );
    const { mean, variance } = await executable.run(inputs);
    await engine.dispose();
    const expected = data.reduce((sum, value) => sum + value, 0) / data.length;
    const spread = data.reduce((sum, value) => sum + (value - expected) ** 2, 0) / (data.length - 1);
    expect(mean?.data).toBeAllClose([expected], { rtol: 1e-6, atol: 0 });
    expect(variance?.data).toBeAllClose([spread], { rtol: 1e-6, atol: 0 });
  });
  it('refuses batch statistics of a single value', () => {
    const { scope } = createScope(values(), { training: true });
    expect(() => batchNorm(scope, tf.ones([1, 2]))).toThrow(/2 or more/);
  });
});

describe('conv2d', () => {
  it('matches torch with groups', () => {
    const { state, x, output } = fixture.grouped;
    const options = { filters: 6, kernelSize: 3, groups: 2 };
    const { parameters } = declareParameters((scope, inputs) => conv2d(scope, inputs.x as tf.Tensor4D, options), {
      x: { shape: x.shape, dtype: 'float32' },
    });
    const values = onDevice(loadParameters(parameters, hosts(state), { where: 'fixture' }));
    const y = conv2d(createScope(values, { training: false }).scope, tensor(x) as tf.Tensor4D, options);
    expect(read(y)).toBeAllClose(output);
  });
  it('refuses groups that do not divide the channels', () => {
    const { scope } = createScope({}, { training: false });
    expect(() => conv2d(scope, tf.zeros([1, 2, 2, 3]), { filters: 4, kernelSize: 1, groups: 2 })).toThrow(
      /do not divide/,
    );
  });
});

describe('linear', () => {
  it('equals loops over the last axis', () => {
    const x = uniform('x', 12);
    const weight = uniform('weight', 8);
    const bias = uniform('bias', 2);
    const values = { weight: tf.tensor2d(weight, [4, 2]), bias: tf.tensor1d(bias) };
    const y = linear(createScope(values, { training: false }).scope, tf.tensor3d(x, [1, 3, 4]), { features: 2 });
    const expected = Array.from({ length: 6 }, (_, at) => {
      const [row, out] = [Math.floor(at / 2), at % 2];
      let sum = bias[out] as number;
      for (let i = 0; i < 4; i++) sum += (x[row * 4 + i] as number) * (weight[i * 2 + out] as number);
      return sum;
    });
    expect(read(y)).toBeAllClose({ data: expected, shape: [1, 3, 2] });
  });
});

describe('leakyRelu', () => {
  it('has the slope as its derivative at zero and below', () => {
    const x = tf.tensor1d([-2, 0, 3]);
    expect(leakyRelu(x).dataSync()).toBeAllClose([-0.2, 0, 3]);
    expect(
      tf
        .grad((t: tf.Tensor) => leakyRelu(t))(x)
        .dataSync(),
    ).toBeAllClose([0.1, 0.1, 1]);
  });
});
