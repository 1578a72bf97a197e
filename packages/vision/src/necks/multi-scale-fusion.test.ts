import { createScope, declareParameters, initializeParameters } from '@refclip/nn';
import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { multiScaleFusion } from './multi-scale-fusion.js';

beforeAll(() => tf.setBackend('cpu'));

const hidden = 8;
type Shape = [number, number, number, number];
const shapes: Record<'feature13' | 'feature26' | 'feature52', Shape> = {
  feature13: [2, 2, 2, 8],
  feature26: [2, 4, 4, 8],
  feature52: [2, 8, 8, 4],
};
const maps = Object.entries(shapes).map(([name, shape]) => {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return [name, { shape, data: uniform(name, size) }] as const;
});
const features = () =>
  Object.fromEntries(maps.map(([name, { shape, data }]) => [name, tf.tensor4d(data, shape)])) as Record<
    keyof typeof shapes,
    tf.Tensor4D
  >;

test.each(['nearest', 'bilinear'] as const)(
  'the rewritten fusion equals the plain one, upsampling %s: values, gradients, running statistics',
  (upsampling) => {
    const specs = declareParameters(
      (scope, given) => multiScaleFusion(scope, given as ReturnType<typeof features>, { hidden, upsampling }),
      Object.fromEntries(maps.map(([name, { shape }]) => [name, { shape, dtype: 'float32' as const }])),
    ).parameters;
    const start = initializeParameters(specs, 3);
    const names = specs.filter(({ kind }) => kind === 'parameter').map(({ name }) => name);
    const run = (form: 'plain' | 'rewritten') =>
      tf.tidy(() => {
        const tensors = Object.fromEntries(
          Object.entries(start).map(([name, t]) => [name, tf.tensor(t.data, [...t.shape], t.dtype as 'float32')]),
        );
        let statistics: Readonly<Record<string, tf.Tensor>> = {};
        const forward = (...given: tf.Tensor[]) => {
          const own = Object.fromEntries(names.map((name, i) => [name, given[i] as tf.Tensor]));
          const { scope, updatedStatistics } = createScope({ ...tensors, ...own }, { training: true });
          const fused = multiScaleFusion(scope, features(), { hidden, form, upsampling });
          statistics = Object.fromEntries(
            Object.entries(updatedStatistics()).map(([name, t]) => [name, tf.keep(t.clone())]),
          );
          return tf.sum(tf.mul(fused, tf.reshape(tf.sin(tf.range(0, fused.size)), fused.shape))) as tf.Scalar;
        };
        const { value, grads } = tf.valueAndGrads(forward)(names.map((name) => tensors[name] as tf.Tensor));
        const read = (t: tf.Tensor) => Array.from(t.dataSync());
        return {
          value: read(value),
          gradients: grads.map(read),
          statistics: Object.entries(statistics).map(([name, t]) => [name, read(t)] as const),
        };
      });
    const [plain, rewritten] = [run('plain'), run('rewritten')];
    expect(rewritten.value).toBeAllClose(plain.value, { rtol: 1e-4, atol: 1e-3 });
    names.forEach((name, i) => {
      const scale = Math.max(...(plain.gradients[i] as number[]).map(Math.abs));
      expect(rewritten.gradients[i], name).toBeAllClose(plain.gradients[i] as number[], {
        rtol: 1e-4,
        atol: 1e-4 * scale,
      });
    });
    expect(rewritten.statistics.length).toBe(plain.statistics.length);
    plain.statistics.forEach(([name, expected]) => {
      const actual = rewritten.statistics.find(([other]) => other === name)?.[1];
      expect(actual, name).toBeAllClose(expected, { rtol: 1e-5, atol: 1e-6 });
    });
  },
);

test.each(['nearest', 'bilinear'] as const)(
  'on running statistics both forms give the same, upsampling %s',
  (upsampling) => {
    const fuse = (form: 'plain' | 'rewritten') =>
      tf.tidy(() => {
        const specs = declareParameters(
          (scope, given) => multiScaleFusion(scope, given as ReturnType<typeof features>, { hidden, upsampling }),
          Object.fromEntries(maps.map(([name, { shape }]) => [name, { shape, dtype: 'float32' as const }])),
        ).parameters;
        // Statistics away from the initial 0 and 1, which a wrong order of layers would not show.
        const tensors = Object.fromEntries(
          specs.map(({ name, shape, dtype }) => {
            const size = shape.reduce((product, dimension) => product * dimension, 1);
            const values = Float32Array.from(uniform(name, size), (u) =>
              name.endsWith('running_var') ? 1 + 0.5 * u : u,
            );
            return [name, tf.tensor(values, [...shape], dtype as 'float32')];
          }),
        );
        const { scope } = createScope(tensors, { training: false });
        return Array.from(multiScaleFusion(scope, features(), { hidden, form, upsampling }).dataSync());
      });
    expect(fuse('rewritten')).toBeAllClose(fuse('plain'), { rtol: 1e-4, atol: 1e-5 });
  },
);
