// Process start to ready, first result and peak memory of Darknet-53 at 416 × 416: `pnpm bench:cold-start [cache directory]`; run it twice.
import { createEngine, type HostTensor, hostTensor } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

const sinceStart = () => Math.round(performance.now());
const constants: Record<string, HostTensor> = {};
let seed = 1;
function addFilter(name: string, shape: readonly [number, number, number, number]): void {
  const scale = Math.sqrt(6 / (shape[0] * shape[1] * shape[2]));
  const data = new Float32Array(shape[0] * shape[1] * shape[2] * shape[3]);
  for (let i = 0; i < data.length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    data[i] = (seed / 2 ** 31) * scale;
  }
  constants[name] = hostTensor(data, shape);
  constants[`${name}.scale`] = hostTensor(new Float32Array(shape[3]).fill(1.1), [shape[3]]);
  constants[`${name}.shift`] = hostTensor(new Float32Array(shape[3]).fill(0.01), [shape[3]]);
}
const stages = [1, 2, 8, 8, 4].map((blocks, i) => ({ blocks, width: 64 * 2 ** i, name: `stage${i}` }));
addFilter('stem', [3, 3, 3, 32]);
for (const { blocks, width, name } of stages) {
  addFilter(`${name}.down`, [3, 3, width / 2, width]);
  for (let block = 0; block < blocks; block++) {
    addFilter(`${name}.${block}.a`, [1, 1, width, width / 2]);
    addFilter(`${name}.${block}.b`, [3, 3, width / 2, width]);
  }
}
const weightsMade = sinceStart();
const engine = await createEngine({ engine: 'compiled', device: 'cpu', cacheDirectory: process.argv[2] });
const executable = await engine.compile(
  ({ image }, weights) => {
    const convolution = (x: tf.Tensor4D, name: string, stride = 1): tf.Tensor4D => {
      const filter = weights[name] as tf.Tensor4D;
      const pad = filter.shape[0] === 3 ? 1 : 0;
      const y = tf.mul(tf.conv2d(x, filter, stride, pad), weights[`${name}.scale`] as tf.Tensor);
      return tf.leakyRelu(tf.add(y, weights[`${name}.shift`] as tf.Tensor), 0.1) as tf.Tensor4D;
    };
    let x = convolution(tf.div<tf.Tensor4D>(tf.cast(image as tf.Tensor4D, 'float32'), 255), 'stem');
    for (const { blocks, name } of stages) {
      x = convolution(x, `${name}.down`, 2);
      for (let block = 0; block < blocks; block++) {
        x = tf.add(x, convolution(convolution(x, `${name}.${block}.a`), `${name}.${block}.b`));
      }
    }
    return { map: x };
  },
  { name: 'darknet53', inputs: { image: { shape: [1, 416, 416, 3], dtype: 'uint8' } }, constants },
);
const ready = sinceStart();
const image = hostTensor(new Uint8Array(416 * 416 * 3).fill(100), [1, 416, 416, 3]);
await executable.run({ image });
const first = sinceStart();
const times: number[] = [];
for (let i = 0; i < 5; i++) {
  const start = performance.now();
  await executable.run({ image });
  times.push(performance.now() - start);
}
const residentMiB = Math.round(process.resourceUsage().maxRSS / 1024);
const medianMs = Math.round(times.sort((a, b) => a - b)[2] as number);
console.log(
  JSON.stringify({ weightsMadeMs: weightsMade, readyMs: ready, firstResultMs: first, medianMs, peakMiB: residentMiB }),
);
await engine.dispose();
