// Time of a training step of a few convolutions with batch normalization, optimized and not: `pnpm bench:train-step`.

import { createEngine, hostTensor, type NamedTensors, type StatefulProgram } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

const [batch, size, width] = [
  Number(process.argv[2] ?? 4),
  Number(process.argv[3] ?? 26),
  Number(process.argv[4] ?? 128),
];
const layers = [3, 3, 1, 3];
const at = (tensors: NamedTensors, name: string) => tensors[name] as tf.Tensor;

function network(x: tf.Tensor4D, parameters: readonly tf.Tensor[]): tf.Tensor {
  return layers.reduce<tf.Tensor4D>((map, window, i) => {
    const y = tf.conv2d(map, parameters[3 * i] as tf.Tensor4D, 1, window === 1 ? 0 : 1);
    const mean = tf.mean(y, [0, 1, 2]);
    const centered = tf.sub(y, mean);
    const variance = tf.mean(tf.square(centered), [0, 1, 2]);
    const scale = tf.mul(parameters[3 * i + 1] as tf.Tensor, tf.rsqrt(tf.add(variance, 1e-5)));
    return tf.leakyRelu(tf.add(tf.mul(centered, scale), parameters[3 * i + 2] as tf.Tensor), 0.1) as tf.Tensor4D;
  }, x);
}

const step: StatefulProgram = (state, inputs) => {
  const names = Object.keys(state);
  const { value, grads } = tf.valueAndGrads(
    (...parameters: tf.Tensor[]) =>
      tf.mean(tf.square(network(at(inputs, 'x') as tf.Tensor4D, parameters))) as tf.Scalar,
  )(names.map((name) => at(state, name)));
  const next = Object.fromEntries(
    names.map((name, i) => [name, tf.sub(at(state, name), tf.mul(grads[i] as tf.Tensor, 1e-3))]),
  );
  return { state: next, outputs: { loss: value } };
};

let seed = 1;
const random = (length: number, scale: number) =>
  Float32Array.from({ length }, () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return (seed / 2 ** 31 - 1) * scale;
  });
const state = Object.fromEntries(
  layers.flatMap((window, i) => [
    [
      `w${i}`,
      hostTensor(random(window * window * width * width, Math.sqrt(3 / (window * window * width))), [
        window,
        window,
        width,
        width,
      ]),
    ],
    [`g${i}`, hostTensor(new Float32Array(width).fill(1), [width])],
    [`b${i}`, hostTensor(new Float32Array(width), [width])],
  ]),
);
const engine = await createEngine({ engine: 'compiled' });
const executable = await engine.compileStateful(step, {
  name: 'train-step',
  inputs: { x: { shape: [batch, size, size, width], dtype: 'float32' } },
  state,
});
const x = hostTensor(random(batch * size * size * width, 1), [batch, size, size, width]);
const times: number[] = [];
let loss = Number.NaN;
for (let i = 0; i < 12; i++) {
  const start = performance.now();
  const { loss: out } = await executable.step({ x });
  loss = out?.data[0] ?? Number.NaN;
  if (i > 1) times.push(performance.now() - start);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ batch, size, width, medianMs: times[times.length >> 1], loss }));
await engine.dispose();
