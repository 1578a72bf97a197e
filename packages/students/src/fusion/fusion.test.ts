import { createScope, declareParameters, type Scope } from '@refclip/nn';
import { finiteDifferences, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { featureBranches, selectFeatures } from './adaptive-feature-selection.js';
import { multiplicativeFusion, projectMap } from './multiplicative-fusion.js';

beforeAll(() => tf.setBackend('cpu'));

type Layers = (scope: Scope, inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor;
type Rows = readonly (readonly number[])[];

const sizeOf = (shape: readonly number[]) => shape.reduce((product, dimension) => product * dimension, 1);

/** Layers with drawn weights on drawn inputs, in inference mode. */
function prepare(layers: Layers, shapes: Readonly<Record<string, number[]>>) {
  const specs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]),
  );
  const { parameters } = declareParameters(layers, specs);
  const values: Record<string, Float32Array> = Object.fromEntries(
    parameters.map(({ name, shape }) => [
      name,
      uniform(name, sizeOf(shape), name.endsWith('running_var') ? 0.5 : -1, 1.5),
    ]),
  );
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, uniform(name, sizeOf(shape))]),
  );
  const run = (own: Readonly<Record<string, tf.Tensor>> = {}) => {
    const given = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, own[name] ?? tf.tensor(inputs[name] ?? [], shape)]),
    );
    const weights = Object.fromEntries(
      parameters.map(({ name, shape, dtype }) => [name, own[name] ?? tf.tensor(values[name] ?? [], [...shape], dtype)]),
    );
    return layers(createScope(weights, { training: false }).scope, given);
  };
  const shapeOf = (name: string) => parameters.find((spec) => spec.name === name)?.shape ?? shapes[name] ?? [];
  return { values: { ...values, ...inputs }, run, shapeOf };
}

/** Compares values with a reference, and gradients by some tensors with its finite differences. */
function check(
  { values, run, shapeOf }: ReturnType<typeof prepare>,
  reference: (values: Readonly<Record<string, Float32Array>>) => number[],
  names: readonly string[],
) {
  const expected = reference(values);
  const y = run();
  expect(y.dataSync()).toBeAllClose(expected, { rtol: 1e-4, atol: 1e-5 });
  const coefficients = uniform('coefficients', expected.length);
  for (const name of names) {
    const gradient = tf.grad((own: tf.Tensor) =>
      tf.sum(tf.mul(run({ [name]: own }), tf.tensor(coefficients, y.shape))),
    )(tf.tensor(values[name] ?? [], [...shapeOf(name)]));
    const differences = finiteDifferences(
      (v) =>
        reference({ ...values, [name]: v }).reduce((sum, value, i) => sum + value * (coefficients[i] as number), 0),
      values[name] as Float32Array,
      1e-4,
    );
    expect(gradient.dataSync(), name).toBeAllClose(differences, { rtol: 5e-3, atol: 1e-3 });
  }
}

const rowsOf = (data: ArrayLike<number>, length: number): Rows =>
  Array.from({ length: data.length / length }, (_, row) =>
    Array.from({ length }, (_unused, i) => data[row * length + i] as number),
  );
const leaky = (x: number) => (x > 0 ? x : 0.1 * x);

/** BatchNorm on running statistics, and LeakyReLU. */
const normalized = (own: Readonly<Record<string, Float32Array>>, name: string, row: readonly number[]) =>
  row.map((value, c) => {
    const at = (part: string) => own[`${name}.${part}`]?.[c] as number;
    return leaky(((value - at('running_mean')) / Math.sqrt(at('running_var') + 1e-5)) * at('weight') + at('bias'));
  });

/** A linear layer on one row. */
const dense = (own: Readonly<Record<string, Float32Array>>, name: string, row: readonly number[]) => {
  const bias = own[`${name}.bias`] as Float32Array;
  return Array.from(bias, (start, out) =>
    row.reduce((sum, value, i) => sum + value * (own[`${name}.weight`]?.[i * bias.length + out] as number), start),
  );
};

describe('multiplicativeFusion', () => {
  const [batch, side, channels, size, filters] = [2, 2, 3, 5, 4];
  const prepared = prepare(
    (scope, { map, text }) =>
      multiplicativeFusion(scope, projectMap(scope, map as tf.Tensor4D, { filters }), text as tf.Tensor2D),
    { map: [batch, side, side, channels], text: [batch, size] },
  );
  const reference = (own: Readonly<Record<string, Float32Array>>) => {
    const texts = rowsOf(own.text ?? [], size);
    return rowsOf(own.map ?? [], channels).flatMap((row, cell) => {
      const value = normalized(own, 'v_proj.1', dense(own, 'v_proj.0', row));
      const text = texts[Math.floor(cell / (side * side))] as readonly number[];
      const query = normalized(own, 'q_proj.1', dense(own, 'q_proj.0', text));
      return normalized(
        own,
        'norm.0',
        value.map((v, c) => v * (query[c] as number)),
      );
    });
  };
  it('equals loops over cells, values and gradients', () => {
    check(prepared, reference, ['map', 'text', 'v_proj.0.weight', 'q_proj.0.weight', 'norm.0.weight']);
  });
});

describe('adaptive feature selection', () => {
  const [batch, side, size, inner, filters] = [2, 2, 5, 3, 4];
  const depths = [2, 3, 2];
  const prepared = prepare(
    (scope, { map0, map1, map2, text }) => {
      const maps = [map0, map1, map2] as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      return selectFeatures(scope, featureBranches(scope, maps, { inner, filters }), text as tf.Tensor2D).selected;
    },
    {
      map0: [batch, 4 * side, 4 * side, depths[0] as number],
      map1: [batch, 2 * side, 2 * side, depths[1] as number],
      map2: [batch, side, side, depths[2] as number],
      text: [batch, size],
    },
  );
  const cells = side * side;
  /** Mean of the pixels of each cell's window. */
  const pooled = (rows: Rows, window: number): number[][] =>
    Array.from({ length: batch * cells }, (_, at) => {
      const [image, row, column] = [Math.floor(at / cells), Math.floor((at % cells) / side), at % side];
      const sum = new Array<number>(rows[0]?.length ?? 0).fill(0);
      for (let i = 0; i < window * window; i++) {
        const y = row * window + Math.floor(i / window);
        const x = column * window + (i % window);
        const pixel = rows[(image * side * window + y) * side * window + x] as readonly number[];
        pixel.forEach((value, c) => {
          sum[c] = (sum[c] as number) + value / (window * window);
        });
      }
      return sum;
    });
  const convolved = (own: Readonly<Record<string, Float32Array>>, name: string, rows: Rows) =>
    rows.map((_, at) => {
      const bias = own[`${name}.bias`] as Float32Array;
      const depth = rows[0]?.length ?? 0;
      return Array.from(bias, (start, out) => {
        let sum = start;
        for (let tap = 0; tap < 9; tap++) {
          const y = Math.floor((at % cells) / side) + Math.floor(tap / 3) - 1;
          const x = (at % side) + (tap % 3) - 1;
          if (y < 0 || x < 0 || y >= side || x >= side) continue;
          const row = rows[Math.floor(at / cells) * cells + y * side + x] as readonly number[];
          row.forEach((value, i) => {
            sum += value * (own[`${name}.weight`]?.[(tap * depth + i) * bias.length + out] as number);
          });
        }
        return sum;
      });
    });
  const reference = (own: Readonly<Record<string, Float32Array>>) => {
    const branches = depths.map((depth, index) => {
      const name = `afs_modules.${index}`;
      const rows = pooled(rowsOf(own[`map${index}`] ?? [], depth), 2 ** (2 - index));
      return convolved(own, `${name}.conv1`, rows).map((row) =>
        normalized(own, `${name}.norm2`, dense(own, `${name}.conv2`, normalized(own, `${name}.norm1`, row))),
      );
    });
    const shares = rowsOf(own.text ?? [], size).map((text) => {
      const powers = dense(own, 'afs_weights', text).map(Math.exp);
      const total = powers.reduce((sum, value) => sum + value, 0);
      return powers.map((value) => value / total);
    });
    return Array.from({ length: batch * cells }, (_, at) =>
      Array.from({ length: filters }, (_unused, c) =>
        branches.reduce(
          (sum, branch, index) =>
            sum + (branch[at]?.[c] as number) * (shares[Math.floor(at / cells)]?.[index] as number),
          0,
        ),
      ),
    ).flat();
  };
  it('equals loops over cells, values and gradients', () => {
    check(prepared, reference, ['map0', 'map2', 'text', 'afs_modules.0.conv1.weight', 'afs_weights.weight']);
  });
});
