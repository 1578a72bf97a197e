// The ways of computing a deformable convolution, interleaved, at the size of RefCLIP's head (13×13, 3×3 taps, 4 offset groups):
// `pnpm bench [channels] [filters] [rounds]`. Few filters by default: the product with them is the backend's own, minutes on tfjs cpu with 1024, and hides the rest.

import { createEngine, hostTensor } from '@refclip/runtime';
import {
  createGpuJsSampler,
  deformConv2d,
  deformConv2dLowering,
  registerDeformConv2d,
  sampleInLoops,
} from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { composeDeformConv2d } from '../src/ops/deform-conv2d-composition.js';
import { samplingSizes } from '../src/ops/deform-conv2d-sampler.js';
import { sampledDeformConv2d } from '../src/ops/sampled-deform-conv2d.js';

const [channels, filters, rounds] = [
  Number(process.argv[2] ?? 1024),
  Number(process.argv[3] ?? 64),
  Number(process.argv[4] ?? 5),
];
const side = 13;
const attributes = { stride: 1, padding: 1, dilation: 1, offsetGroups: 4 };
let seed = 1;
const random = (length: number, scale: number) =>
  Float32Array.from({ length }, () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return (seed / 2 ** 31 - 1) * scale;
  });
const shapes = {
  x: [1, side, side, channels],
  offset: [1, side, side, 72],
  filter: [3, 3, channels, filters],
} as const;
const data = {
  x: random(side * side * channels, 1),
  offset: random(side * side * 72, 2),
  filter: random(9 * channels * filters, Math.sqrt(1 / (9 * channels))),
};

const gpuJs = { cpu: await createGpuJsSampler({ mode: 'cpu' }), webasm: await createGpuJsSampler({ mode: 'webasm' }) };
const samplers = { loops: sampleInLoops, 'gpu.js cpu': gpuJs.cpu.sample, 'gpu.js webasm': gpuJs.webasm.sample };
const sizes = samplingSizes(shapes.x, shapes.filter, attributes);
const ways: Record<string, () => Promise<ArrayLike<number>>> = {};
for (const [name, sample] of Object.entries(samplers)) {
  ways[`sampling alone: ${name}`] = async () => sample(data.x, data.offset, sizes);
}
for (const backend of ['wasm', 'cpu'] as const) {
  await tf.setBackend(backend);
  registerDeformConv2d(backend);
  const x = tf.tensor4d(data.x, [...shapes.x]);
  const offset = tf.tensor4d(data.offset, [...shapes.offset]);
  const filter = tf.tensor4d(data.filter, [...shapes.filter]);
  const operands = { x, offset, filter };
  const way = (run: () => tf.Tensor) => async () => {
    await tf.setBackend(backend);
    const y = run();
    const values = await y.data();
    y.dispose();
    return values;
  };
  ways[`tfjs ${backend}: composition`] = way(() => composeDeformConv2d(operands, attributes));
  for (const [name, sample] of Object.entries(samplers)) {
    ways[`tfjs ${backend}: ${name}`] = way(() => sampledDeformConv2d(operands, attributes, sample));
  }
}
const engine = await createEngine({ engine: 'compiled', lowerings: [deformConv2dLowering] });
const spec = (shape: readonly number[]) => ({ shape: [...shape], dtype: 'float32' as const });
const program = await engine.compile(
  (inputs) => ({
    y: deformConv2d(inputs.x as tf.Tensor4D, inputs.offset as tf.Tensor4D, inputs.filter as tf.Tensor4D, attributes),
  }),
  { name: 'deform', inputs: { x: spec(shapes.x), offset: spec(shapes.offset), filter: spec(shapes.filter) } },
);
const fed = {
  x: hostTensor(data.x, [...shapes.x]),
  offset: hostTensor(data.offset, [...shapes.offset]),
  filter: hostTensor(data.filter, [...shapes.filter]),
};
ways['compiled: DeformConv'] = async () => (await program.run(fed)).y?.data as Float32Array;

// Processor time besides the clock's: on a busy machine it is the steadier of the two.
const times = new Map(Object.keys(ways).map((name) => [name, { wall: [] as number[], processor: [] as number[] }]));
let checksum = 0;
for (let round = -1; round < rounds; round++) {
  for (const [name, run] of Object.entries(ways)) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    const values = await run();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) {
      times.get(name)?.wall.push(performance.now() - start);
      times.get(name)?.processor.push((user + system) / 1000);
    }
    checksum += values[values.length >> 1] as number;
  }
}
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;
const show = (values: readonly number[]) => median(values).toFixed(1).padStart(9);
console.log(
  `${side}×${side}×${channels}, ${filters} filters, 4 offset groups; medians of ${rounds} interleaved rounds (checksum ${checksum.toFixed(3)})`,
);
console.log(`${'ms'.padEnd(32)} ${'clock'.padStart(9)} ${'processor'.padStart(9)}`);
for (const [name, { wall, processor }] of times) console.log(`${name.padEnd(32)} ${show(wall)} ${show(processor)}`);
await Promise.all([engine.dispose(), gpuJs.cpu.dispose(), gpuJs.webasm.dispose()]);
