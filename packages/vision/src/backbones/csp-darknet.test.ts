import { createScope, declareParameters, type ParameterSpec } from '@refclip/nn';
import { finiteDifferences, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { cspBottlenecks } from './csp-bottlenecks.js';
import { cspDarknetStem, cspDarknetTop } from './csp-darknet.js';
import { poolPyramid } from './spatial-pyramid.js';

beforeAll(() => tf.setBackend('cpu'));

/** A map `[side, side, channels]` as an array of cells. */
type Cells = readonly (readonly number[])[];
type Values = Readonly<Record<string, Float32Array>>;

const side = 3;
const filters = 4;
const x = uniform('x', side * side * filters);
const { parameters } = declareParameters(
  (scope, inputs) => cspBottlenecks(scope, inputs.x as tf.Tensor4D, { filters, bottlenecks: 2 }),
  { x: { shape: [1, side, side, filters], dtype: 'float32' } },
);
const values: Values = Object.fromEntries(
  parameters.map(({ name, shape }) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return [name, name.endsWith('running_var') ? uniform(name, size, 0.5, 2) : uniform(name, size)];
  }),
);
const cellsOf = (data: Float32Array, channels: number): Cells =>
  Array.from({ length: side * side }, (_, cell) => Array.from(data.slice(cell * channels, (cell + 1) * channels)));

/** Convolution, BatchNorm on running statistics and SiLU, one product at a time. */
function unit(name: string, map: Cells, kernel: number, outputs: number, own: Values): Cells {
  const of = (tensor: string) => own[`${name}.${tensor}`] as Float32Array;
  const inputs = map[0]?.length ?? 0;
  return map.map((_, cell) =>
    Array.from({ length: outputs }, (_unused, out) => {
      let sum = 0;
      for (let dy = 0; dy < kernel; dy++)
        for (let dx = 0; dx < kernel; dx++) {
          const row = Math.floor(cell / side) + dy - (kernel - 1) / 2;
          const column = (cell % side) + dx - (kernel - 1) / 2;
          if (row < 0 || column < 0 || row >= side || column >= side) continue;
          for (let c = 0; c < inputs; c++)
            sum +=
              (map[row * side + column]?.[c] as number) *
              (of('conv.weight')[((dy * kernel + dx) * inputs + c) * outputs + out] as number);
        }
      const at = (tensor: string) => of(`bn.${tensor}`)[out] as number;
      const y = ((sum - at('running_mean')) / Math.sqrt(at('running_var') + 1e-5)) * at('weight') + at('bias');
      return y / (1 + Math.exp(-y));
    }),
  );
}

function reference(input: Cells, own: Values): Cells {
  const half = filters / 2;
  let through = unit('cv1', input, 1, half, own);
  for (const index of [0, 1]) {
    const inner = unit(`m.${index}.cv1`, through, 1, half, own);
    const y = unit(`m.${index}.cv2`, inner, 3, half, own);
    through = through.map((cell, i) => cell.map((value, c) => value + (y[i]?.[c] as number)));
  }
  const around = unit('cv2', input, 1, half, own);
  const joined = through.map((cell, i) => [...cell, ...(around[i] as readonly number[])]);
  return unit('cv3', joined, 1, filters, own);
}

const tensors = (own: Values, specs: readonly ParameterSpec[]) =>
  Object.fromEntries(
    specs.map(({ name, shape, dtype }) => [name, tf.tensor(own[name] as Float32Array, [...shape], dtype)]),
  );

describe('cspBottlenecks', () => {
  it('equals loops over cells and channels', () => {
    const { scope } = createScope(tensors(values, parameters), { training: false });
    const y = cspBottlenecks(scope, tf.tensor4d(x, [1, side, side, filters]), { filters, bottlenecks: 2 });
    expect(y.dataSync()).toBeAllClose(reference(cellsOf(x, filters), values).flat(), { rtol: 1e-4, atol: 1e-5 });
  });

  it.each(['cv1.conv.weight', 'm.1.cv2.conv.weight', 'm.0.cv1.bn.weight', 'cv2.bn.bias'])(
    'has the gradient of finite differences by %s',
    (name) => {
      const coefficients = uniform('coefficients', side * side * filters);
      const all = tensors(values, parameters);
      const gradient = tf.grad((parameter: tf.Tensor) => {
        const { scope } = createScope({ ...all, [name]: parameter }, { training: false });
        const y = cspBottlenecks(scope, tf.tensor4d(x, [1, side, side, filters]), { filters, bottlenecks: 2 });
        return tf.sum(tf.mul(y, tf.tensor4d(coefficients, [1, side, side, filters])));
      })(all[name] as tf.Tensor);
      const expected = finiteDifferences(
        (v) =>
          reference(cellsOf(x, filters), { ...values, [name]: v })
            .flat()
            .reduce((sum, value, i) => sum + value * (coefficients[i] as number), 0),
        values[name] as Float32Array,
      );
      expect(gradient.dataSync()).toBeAllClose(expected, { rtol: 1e-3, atol: 1e-4 });
    },
  );
});

describe('poolPyramid', () => {
  it('holds the map and its maxima over 5×5, 9×9 and 13×13 cells', () => {
    const size = 8;
    const map = uniform('map', size * size);
    const y = poolPyramid(tf.tensor4d(map, [1, size, size, 1]));
    const expected = Array.from({ length: size * size }, (_, cell) =>
      [0, 2, 4, 6].map((reach) => {
        const near = Array.from(map).filter(
          (_value, other) =>
            Math.abs(Math.floor(other / size) - Math.floor(cell / size)) <= reach &&
            Math.abs((other % size) - (cell % size)) <= reach,
        );
        return Math.max(...near);
      }),
    );
    expect(y.dataSync()).toBeAllClose(expected.flat());
  });
});

describe('cspDarknet', () => {
  it('gives maps at strides 8, 16 and 32 and shrinks with width and depth', () => {
    const options = { width: 1 / 16, depth: 1 / 3 };
    let shapes: number[][] = [];
    const declared = declareParameters(
      (scope, { images }) => {
        const { map8, map16, stem32 } = cspDarknetStem(scope, images as tf.Tensor4D, options);
        shapes = [map8, map16, stem32, cspDarknetTop(scope, stem32, options)].map((map) => map.shape);
      },
      { images: { shape: [2, 64, 64, 3], dtype: 'float32' } },
    ).parameters.map(({ name }) => name);
    expect(shapes).toEqual([
      [2, 8, 8, 16],
      [2, 4, 4, 32],
      [2, 2, 2, 64],
      [2, 2, 2, 64],
    ]);
    expect(declared.filter((name) => name.startsWith('model.6.m.') && name.endsWith('cv1.conv.weight'))).toHaveLength(
      3,
    );
  });
  it('refuses images whose side is not a multiple of 32', () => {
    const { scope } = createScope({}, { training: false });
    expect(() => cspDarknetStem(scope, tf.zeros([1, 40, 40, 3]))).toThrow(/multiple of 32/);
  });
});
