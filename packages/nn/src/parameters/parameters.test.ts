import type { HostTensor } from '@refclip/runtime';
import { WeightsError } from '@refclip/structures';
import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { convBnLeaky } from '../layers/conv-bn-leaky.js';
import { linear } from '../layers/linear.js';
import { createScope } from './create-scope.js';
import { declareParameters } from './declare-parameters.js';
import { fileShape, fromFileLayout, toFileLayout } from './file-layout.js';
import { initializeParameters } from './initialize-parameters.js';
import { normalInitializer, zerosInitializer } from './initializers.js';
import { loadParameters } from './load-parameters.js';
import type { Scope } from './scope.js';

beforeAll(() => tf.setBackend('cpu'));

const program = (scope: Scope, { x }: Readonly<Record<string, tf.Tensor>>) => {
  const map = convBnLeaky(scope.child('stem'), x as tf.Tensor4D, { filters: 4, kernelSize: 3 });
  const flat = tf.reshape(map, [2, -1]);
  const hidden = scope.child('fc').dropout(flat, 0.25);
  return linear(scope.child('fc'), scope.child('fc').dropout(hidden, 0.5), { features: 5 });
};
const inputs = { x: { shape: [2, 4, 4, 3], dtype: 'uint8' } } as const;
const floats = { x: { shape: [2, 4, 4, 3], dtype: 'float32' } } as const;

describe('declareParameters', () => {
  it('lists parameters, masks and updated statistics in the order of use', () => {
    const { parameters, masks, updatedStatistics } = declareParameters(program, floats);
    expect(parameters.map(({ name, shape, layout, kind }) => `${name} ${shape} ${layout} ${kind}`)).toEqual([
      'stem.conv.weight 3,3,3,4 conv parameter',
      'stem.batch_norm.weight 4 plain parameter',
      'stem.batch_norm.bias 4 plain parameter',
      'stem.batch_norm.running_mean 4 plain statistic',
      'stem.batch_norm.running_var 4 plain statistic',
      'stem.batch_norm.num_batches_tracked  plain statistic',
      'fc.weight 64,5 linear parameter',
      'fc.bias 5 plain parameter',
    ]);
    expect(masks).toEqual([
      { name: 'fc', shape: [2, 64], rate: 0.25 },
      { name: 'fc:1', shape: [2, 64], rate: 0.5 },
    ]);
    expect(updatedStatistics).toEqual(
      ['running_mean', 'running_var', 'num_batches_tracked'].map((name) => `stem.batch_norm.${name}`),
    );
  });
  it('gives uint8 inputs to the program as int32', () => {
    let dtype = '';
    declareParameters((_, { x }) => {
      dtype = (x as tf.Tensor).dtype;
    }, inputs);
    expect(dtype).toBe('int32');
  });
  it('shares a name asked for twice and refuses it with another shape', () => {
    const twice = (first: number[], second: number[]) => () =>
      declareParameters((scope) => {
        scope.parameter('w', first, zerosInitializer);
        scope.parameter('w', second, zerosInitializer);
      }, {});
    expect(twice([2], [2])().parameters).toHaveLength(1);
    expect(twice([2], [3])).toThrow(/w is asked for as \[2\] and as \[3\]/);
  });
});

describe('createScope', () => {
  it('names what is missing or of another shape', () => {
    const { scope } = createScope({ 'a.w': tf.zeros([2]) }, { training: false });
    expect(() => scope.parameter('w', [2], zerosInitializer)).toThrow(WeightsError);
    expect(() => scope.child('a').parameter('w', [3], zerosInitializer)).toThrow(/a\.w: expected \[3\], got \[2\]/);
  });
  it('drops by the masks in training, scaling the rest, and not otherwise', () => {
    const mask = tf.tensor1d([1, 0, 1, 0], 'bool');
    const x = tf.tensor1d([1, 2, 3, 4]);
    const drop = (training: boolean, masks?: Record<string, tf.Tensor>) =>
      createScope({}, masks ? { training, masks } : { training })
        .scope.child('d')
        .dropout(x, 0.5)
        .dataSync();
    expect(drop(true, { d: mask })).toBeAllClose([2, 0, 6, 0]);
    expect(drop(false, { d: mask })).toBeAllClose([1, 2, 3, 4]);
    expect(drop(true)).toBeAllClose([1, 2, 3, 4]);
    expect(() => drop(true, {})).toThrow(/no mask for the dropout d/);
  });
});

describe('initializeParameters', () => {
  const { parameters } = declareParameters(program, floats);
  it('depends on seed and name alone', () => {
    const all = initializeParameters(parameters, 1);
    const one = initializeParameters(
      parameters.filter((spec) => spec.name === 'fc.weight'),
      1,
    );
    expect(one['fc.weight']).toEqual(all['fc.weight']);
    expect(initializeParameters(parameters, 2)['fc.weight']).not.toEqual(all['fc.weight']);
  });
  it("draws as PyTorch's defaults do: uniform within 1/√fanIn", () => {
    const weight = initializeParameters(parameters, 1)['fc.weight'] as HostTensor;
    expect(Math.max(...weight.data)).toBeLessThan(1 / 8);
    expect(Math.max(...weight.data)).toBeGreaterThan(0.95 / 8);
    expect(Math.min(...weight.data)).toBeLessThan(-0.95 / 8);
    const values = initializeParameters(parameters, 1);
    expect(values['stem.batch_norm.running_var']?.data).toEqual(Float32Array.of(1, 1, 1, 1));
    expect(values['stem.batch_norm.num_batches_tracked']?.data).toEqual(Int32Array.of(0));
  });
  it('draws normal numbers', () => {
    const { parameters: specs } = declareParameters((scope) => scope.parameter('e', [4000], normalInitializer(3)), {});
    const { data } = initializeParameters(specs, 1).e as HostTensor;
    const squares = Array.from(data, (x) => x * x).reduce((sum, x) => sum + x, 0);
    expect(Math.abs(Math.sqrt(squares / 4000) - 3)).toBeLessThan(0.15);
  });
});

describe('file layout', () => {
  it('writes HWIO as OIHW', () => {
    const shape = [2, 3, 4, 5];
    const data = uniform('conv', 120);
    const written = toFileLayout({ layout: 'conv' }, { shape, dtype: 'float32', data });
    const expected = tf.transpose(tf.tensor4d(data, [2, 3, 4, 5]), [3, 2, 0, 1]);
    expect(written).toBeAllClose({ data: expected.dataSync(), shape: expected.shape });
    expect(written.shape).toEqual(fileShape({ layout: 'conv', shape }));
    expect(fromFileLayout({ layout: 'conv' }, written)).toEqual({ shape, dtype: 'float32', data });
  });
  it('writes [in, out] as [out, in]', () => {
    const tensor: HostTensor = { shape: [2, 3], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const written = toFileLayout({ layout: 'linear' }, tensor);
    expect(written).toEqual({ shape: [3, 2], dtype: 'float32', data: Float32Array.of(1, 4, 2, 5, 3, 6) });
    expect(fromFileLayout({ layout: 'linear' }, written)).toEqual(tensor);
  });
});

describe('loadParameters', () => {
  const { parameters } = declareParameters((scope) => {
    scope.parameter('a', [2, 3], zerosInitializer, 'linear');
    scope.parameter('b', [2], zerosInitializer);
    scope.parameter('c', [2], zerosInitializer);
  }, {});
  const file = (shape: number[]): HostTensor => ({
    shape,
    dtype: 'float32',
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });
  it('converts to the memory layout and drops a module. prefix', () => {
    const tensors = { 'module.a': file([3, 2]), 'module.b': file([2]), 'module.c': file([2]) };
    const loaded = loadParameters(parameters, tensors, { where: 'test' });
    expect(loaded.a).toEqual({ shape: [2, 3], dtype: 'float32', data: Float32Array.of(0, 2, 4, 1, 3, 5) });
  });
  it('lists everything that does not fit', () => {
    try {
      loadParameters(parameters, { a: file([2, 3]), b: file([2]), x: file([1]), y: file([1]) }, { where: 'test' });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(WeightsError);
      const { missing, unexpected, mismatched } = error as WeightsError;
      expect(missing).toEqual(['c']);
      expect(unexpected).toEqual(['x', 'y']);
      expect(mismatched).toEqual([{ name: 'a', expected: [3, 2], actual: [2, 3] }]);
    }
  });
  it('puts a prefix before names, leaves out optional ones and passes over ignored ones', () => {
    const { parameters: nested } = declareParameters((scope) => {
      scope.child('m').parameter('b', [2], zerosInitializer);
      scope.parameter('c', [2], zerosInitializer);
    }, {});
    const loaded = loadParameters(
      nested,
      { b: file([2]), z: file([1]) },
      {
        where: 'test',
        prefix: 'm.',
        optional: (name) => name === 'c',
        ignored: (name) => name === 'm.z',
      },
    );
    expect(Object.keys(loaded)).toEqual(['m.b']);
  });
  it('takes what stands within a larger model, or the whole file', () => {
    const tensors = { a: file([3, 2]), b: file([2]), c: file([2]) };
    const inside = Object.fromEntries(Object.entries(tensors).map(([name, t]) => [`module.inner.${name}`, t]));
    const options = { where: 'test', within: 'inner.' };
    expect(loadParameters(parameters, { ...inside, 'module.x': file([1]) }, options)).toEqual(
      loadParameters(parameters, tensors, options),
    );
  });
  it('refuses a file of which no name matches, even when all may be absent', () => {
    const options = { where: 'test', optional: () => true, ignored: () => true };
    expect(() => loadParameters(parameters, { x: file([4]) }, options)).toThrow(
      'No name of the file is one of the model',
    );
    expect(() => loadParameters(parameters, {}, options)).toThrow(WeightsError);
  });
  it('prints the shapes of what is missing and unexpected', () => {
    expect(() => loadParameters(parameters, { a: file([3, 2]), x: file([4, 1]) }, { where: 'test' })).toThrow(
      /missing b \[2\][\s\S]*unexpected x \[4, 1\]/,
    );
  });
});
