import { createEngine, hostTensor } from '@refclip/runtime';
import { ShapeError } from '@refclip/structures';
import { finiteDifferences, uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fixture from './__fixtures__/deform-conv2d.torchvision.json' with { type: 'json' };
import { createGpuJsSampler } from './create-gpu-js-sampler.js';
import { deformConv2d } from './deform-conv2d.js';
import { composeDeformConv2d } from './deform-conv2d-composition.js';
import { deformConv2dLowering } from './deform-conv2d-lowering.js';
import { type DeformConv2dSampler, samplingSizes } from './deform-conv2d-sampler.js';
import { DEFORM_CONV2D, registerDeformConv2d } from './register-deform-conv2d.js';
import { sampleInLoops } from './sample-in-loops.js';

type Case = (typeof fixture.cases)[number];

const named = (name: string, shape: readonly number[], reach = 1): tf.Tensor4D => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(uniform(name, size, -reach, reach), shape as [number, number, number, number]);
};
const operandsOf = ({ name, x, offset, filter, reach }: Case) =>
  [named(`${name}/x`, x), named(`${name}/offset`, offset, reach), named(`${name}/filter`, filter)] as const;

/** The definition, in loops. */
function slowDeformConv2d(
  x: tf.Tensor4D,
  offset: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: Case['options'],
): number[] {
  const { stride, padding, dilation, offsetGroups } = options;
  const [batch, height, width, channels] = x.shape;
  const [, outHeight, outWidth] = offset.shape;
  const [kernelHeight, kernelWidth, groupChannels, filters] = filter.shape;
  const groups = channels / groupChannels;
  const [maps, moves, weights] = [x.arraySync(), offset.arraySync(), filter.arraySync()];
  const pixel = (b: number, row: number, column: number, c: number) =>
    row >= 0 && row < height && column >= 0 && column < width ? (maps[b]?.[row]?.[column]?.[c] as number) : 0;
  const values: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let o = 0; o < filters; o++) {
          let sum = 0;
          for (let tap = 0; tap < kernelHeight * kernelWidth; tap++)
            for (let c = 0; c < groupChannels; c++) {
              const channel = Math.floor(o / (filters / groups)) * groupChannels + c;
              const group = Math.floor(channel / (channels / offsetGroups));
              const at = (group * kernelHeight * kernelWidth + tap) * 2;
              const [ky, kx] = [Math.floor(tap / kernelWidth), tap % kernelWidth];
              const y = i * stride - padding + ky * dilation + (moves[b]?.[i]?.[j]?.[at] as number);
              const xx = j * stride - padding + kx * dilation + (moves[b]?.[i]?.[j]?.[at + 1] as number);
              const [top, left] = [Math.floor(y), Math.floor(xx)];
              const [fy, fx] = [y - top, xx - left];
              const sample =
                (1 - fy) * (1 - fx) * pixel(b, top, left, channel) +
                (1 - fy) * fx * pixel(b, top, left + 1, channel) +
                fy * (1 - fx) * pixel(b, top + 1, left, channel) +
                fy * fx * pixel(b, top + 1, left + 1, channel);
              sum += sample * (weights[ky]?.[kx]?.[c]?.[o] as number);
            }
          values.push(sum);
        }
  return values;
}

/** Every way of computing it, each under all the tests below. */
const gpuJs = { cpu: await createGpuJsSampler({ mode: 'cpu' }), webasm: await createGpuJsSampler({ mode: 'webasm' }) };
const ways: readonly {
  readonly way: string;
  readonly backend: 'cpu' | 'wasm';
  readonly sampler?: DeformConv2dSampler;
}[] = [
  { way: 'composition', backend: 'cpu' },
  { way: 'composition', backend: 'wasm' },
  { way: 'loops', backend: 'cpu', sampler: sampleInLoops },
  { way: 'loops', backend: 'wasm', sampler: sampleInLoops },
  { way: 'gpu.js cpu', backend: 'cpu', sampler: gpuJs.cpu.sample },
  { way: 'gpu.js webasm', backend: 'wasm', sampler: gpuJs.webasm.sample },
];
afterAll(() => Promise.all([gpuJs.cpu.dispose(), gpuJs.webasm.dispose()]));

describe.each(ways)('deformConv2d by $way on tfjs $backend', ({ backend, sampler }) => {
  beforeAll(async () => {
    if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
    await tf.setBackend(backend);
    registerDeformConv2d(backend, { sampler: sampler ?? 'composition' });
  });
  afterAll(async () => {
    tf.unregisterKernel(DEFORM_CONV2D, backend);
    await tf.setBackend('cpu');
  });

  it.each(fixture.cases)('matches torchvision and loops: $name', (given) => {
    const operands = operandsOf(given);
    const y = deformConv2d(...operands, given.options);
    expect(y.dataSync()).toBeAllClose(given.y, { rtol: 1e-4, atol: 1e-5 });
    expect(y.dataSync()).toBeAllClose(slowDeformConv2d(...operands, given.options), { rtol: 1e-4, atol: 1e-5 });
  });

  it.each(fixture.cases)('has the gradients of torchvision: $name', (given) => {
    const coefficients = named(`${given.name}/coefficients`, [...given.offset.slice(0, 3), given.filter[3] as number]);
    const f = (...operands: tf.Tensor[]) => {
      const [x, offset, filter] = operands as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      return tf.sum(tf.mul(deformConv2d(x, offset, filter, given.options), coefficients)) as tf.Scalar;
    };
    const [x, offset, filter] = tf.grads(f)([...operandsOf(given)]) as [tf.Tensor, tf.Tensor, tf.Tensor];
    expect(x.dataSync()).toBeAllClose(given.gradients.x, { rtol: 1e-4, atol: 1e-5 });
    expect(offset.dataSync()).toBeAllClose(given.gradients.offset, { rtol: 1e-4, atol: 1e-5 });
    expect(filter.dataSync()).toBeAllClose(given.gradients.filter, { rtol: 1e-4, atol: 1e-5 });
  });

  it('averages neighbours of a ramp for offsets of one half', () => {
    // x = 4·row + column, offsets (0.5, 0.5): the sample inside is x + 2.5; below and right of the map it meets zeros.
    const x = tf.tensor4d(
      Float32Array.from({ length: 16 }, (_, i) => i),
      [1, 4, 4, 1],
    );
    const y = deformConv2d(x, tf.fill([1, 4, 4, 2], 0.5) as tf.Tensor4D, tf.ones([1, 1, 1, 1]));
    const expected = [2.5, 3.5, 4.5, 2.5, 6.5, 7.5, 8.5, 4.5, 10.5, 11.5, 12.5, 6.5, 6.25, 6.75, 7.25, 3.75];
    expect(y.dataSync()).toBeAllClose(expected);
  });

  it('equals a convolution when all offsets are zero', () => {
    const [x, filter] = [named('zero/x', [2, 5, 6, 4]), named('zero/filter', [3, 3, 4, 3])];
    const y = deformConv2d(x, tf.zeros([2, 3, 3, 36]), filter, { stride: 2, padding: 1, offsetGroups: 2 });
    expect(y.dataSync()).toBeAllClose(tf.conv2d(x, filter, 2, 1).dataSync(), { rtol: 1e-5, atol: 1e-5 });
  });

  it('reads zero at −1, at H and beyond, and part of the border in between', () => {
    const x = tf.ones([1, 2, 2, 1]) as tf.Tensor4D;
    const filter = tf.ones([1, 1, 1, 1]) as tf.Tensor4D;
    const at = (row: number, column: number) =>
      deformConv2d(tf.slice(x, 0), tf.tensor4d([row, column, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2]), filter).dataSync()[0];
    expect([at(-1, 0), at(2, 0), at(0, -1), at(0, 2), at(-1e6, 0), at(1e6, 1e6)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(at(-0.25, 0)).toBeCloseTo(0.75, 6);
    expect(at(1.75, 1.5)).toBeCloseTo(0.125, 6);
  });

  it('has the derivative to the right at integer positions', () => {
    const x = tf.tensor4d([1, 3, 9], [1, 1, 3, 1]);
    const f = (offset: tf.Tensor) => deformConv2d(x, offset as tf.Tensor4D, tf.ones([1, 1, 1, 1]));
    const gradient = tf.grad(f)(tf.zeros([1, 1, 3, 2]));
    // Along the columns 3 − 1, 9 − 3, 0 − 9; along the rows 0 − x.
    expect(gradient.dataSync()).toBeAllClose([-1, 2, -3, 6, -9, -9]);
  });

  it('adds a bias', () => {
    const y = deformConv2d(tf.zeros([1, 1, 1, 1]), tf.zeros([1, 1, 1, 2]), tf.ones([1, 1, 1, 2]), {
      bias: tf.tensor1d([1, 2]),
    });
    expect(y.dataSync()).toEqual(Float32Array.of(1, 2));
  });

  it('leaks no tensors', () => {
    const given = fixture.cases[0] as Case;
    const operands = operandsOf(given);
    const before = tf.memory().numTensors;
    deformConv2d(...operands, given.options).dispose();
    tf.dispose(
      tf.grads((...o: tf.Tensor[]) => deformConv2d(...(o as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]), given.options))([
        ...operands,
      ]),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('deformConv2d', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('agrees with finite differences away from integer positions', () => {
    const [x, filter] = [named('fd/x', [1, 3, 3, 2]), named('fd/filter', [2, 2, 2, 2])];
    const coefficients = named('fd/coefficients', [1, 2, 2, 2]);
    // Fractions stay within 0.2 … 0.8, so that a step of 0.05 crosses no kink.
    const offsets = Float32Array.from(uniform('fd/offset', 32), (u) => Math.round(u * 2) + 0.5 + 0.3 * u);
    const f = (offset: Float32Array) =>
      tf.tidy(
        () =>
          tf
            .sum(tf.mul(deformConv2d(x, tf.tensor4d(offset, [1, 2, 2, 8]), filter), coefficients))
            .dataSync()[0] as number,
      );
    const gradient = tf.grad((offset: tf.Tensor) =>
      tf.mul(deformConv2d(x, offset as tf.Tensor4D, filter), coefficients),
    );
    // Between kinks the sample is bilinear, so central differences are exact up to float32.
    expect(gradient(tf.tensor4d(offsets, [1, 2, 2, 8])).dataSync()).toBeAllClose(finiteDifferences(f, offsets, 0.05), {
      rtol: 1e-3,
      atol: 1e-4,
    });
  });

  it.each(fixture.cases)('compiles to the same values and gradients: $name', async (given) => {
    const engine = await createEngine({ engine: 'compiled', lowerings: [deformConv2dLowering] });
    const operands = operandsOf(given);
    const names = ['x', 'offset', 'filter'];
    const coefficients = named(`${given.name}/coefficients`, [...given.offset.slice(0, 3), given.filter[3] as number]);
    const fed = Object.fromEntries(
      [...operands, coefficients].map((tensor, i) => [
        names[i] ?? 'coefficients',
        hostTensor(tensor.dataSync() as Float32Array, tensor.shape),
      ]),
    );
    const program = await engine.compile(
      (inputs) => {
        const run = (...o: tf.Tensor[]) =>
          deformConv2d(...(o as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]), given.options);
        const given3 = names.map((name) => inputs[name] as tf.Tensor);
        const loss = (...o: tf.Tensor[]) => tf.sum(tf.mul(run(...o), inputs.coefficients as tf.Tensor)) as tf.Scalar;
        const gradients = tf.grads(loss)(given3);
        return { y: run(...given3), ...Object.fromEntries(names.map((name, i) => [name, gradients[i] as tf.Tensor])) };
      },
      {
        name: 'deform',
        inputs: Object.fromEntries(
          Object.entries(fed).map(([name, { shape }]) => [name, { shape: [...shape], dtype: 'float32' as const }]),
        ),
      },
    );
    const results = await program.run(fed);
    const tolerance = { rtol: 1e-4, atol: 1e-5 };
    expect(results.y?.data).toBeAllClose(given.y, tolerance);
    expect(results.x?.data).toBeAllClose(given.gradients.x, tolerance);
    expect(results.offset?.data).toBeAllClose(given.gradients.offset, tolerance);
    expect(results.filter?.data).toBeAllClose(given.gradients.filter, tolerance);
    await engine.dispose();
  });

  it('samples with gpu.js as in loops at sizes beyond 1000 channels and positions', () => {
    const [channels, side] = [1032, 34];
    const shapes = { x: [1, side, side, channels], filter: [1, 1, channels, 1] };
    const sizes = samplingSizes(shapes.x, shapes.filter, { stride: 1, padding: 0, dilation: 1, offsetGroups: 4 });
    const [x, offset] = [uniform('large/x', side * side * channels), uniform('large/offset', side * side * 8, -2, 2)];
    const expected = sampleInLoops(x, offset, sizes);
    for (const { sample } of Object.values(gpuJs)) {
      const worst = sample(x, offset, sizes).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))),
        0,
      );
      expect(worst).toBeLessThan(1e-5);
    }
  });

  it('gives the same result when taps are sampled a few at a time', async () => {
    await tf.setBackend('wasm');
    // 40² positions on 40² pixels exceed the limit of one sampling matrix for nine taps.
    const [x, filter] = [named('chunks/x', [1, 40, 40, 2]), named('chunks/filter', [3, 3, 2, 1])];
    const offset = named('chunks/offset', [1, 40, 40, 36], 2);
    const options = { stride: 1, padding: 1, dilation: 1, offsetGroups: 2 };
    const y = composeDeformConv2d({ x, offset, filter }, options);
    expect(y.dataSync()).toBeAllClose(slowDeformConv2d(x, offset, filter, options), { rtol: 1e-4, atol: 1e-5 });
    await tf.setBackend('cpu');
  });

  it('names the shapes that do not fit', () => {
    const run =
      (offsetChannels: number, filterChannels: number, offsetGroups = 1) =>
      () =>
        deformConv2d(tf.zeros([1, 2, 2, 6]), tf.zeros([1, 2, 2, offsetChannels]), tf.zeros([1, 1, filterChannels, 2]), {
          offsetGroups,
        });
    expect(run(3, 6)).toThrow(ShapeError);
    expect(run(3, 6)).toThrow(/offset has shape \[1, 2, 2, 3\]; expected \[1, 2, 2, 2\]/);
    expect(run(2, 4)).toThrow(/filter has shape/);
    expect(run(8, 6, 4)).toThrow(/offset groups must divide/);
  });
});
