// Resident memory and tensors over many steps of a tiny model: `pnpm bench:memory [steps]`. Flat after warm-up is right.
import { createEngine, hostTensor, type StatefulProgram } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

const steps = Number(process.argv[2] ?? 10_000);
const engineName = process.argv[3] === 'wasm' ? 'wasm' : 'compiled';
const step: StatefulProgram = ({ w }, { x }) => {
  const { value, grad } = tf.valueAndGrad((at) =>
    tf.mean(tf.square(tf.leakyRelu(tf.conv2d(x as tf.Tensor4D, at as tf.Tensor4D, 1, 'same'), 0.1))),
  )(w as tf.Tensor);
  return { state: { w: tf.sub(w as tf.Tensor, tf.mul(grad, 1e-3)) }, outputs: { loss: value } };
};
const engine = await createEngine({ engine: engineName });
const executable = await engine.compileStateful(step, {
  name: 'tiny',
  inputs: { x: { shape: [2, 8, 8, 3], dtype: 'float32' } },
  state: { w: hostTensor(new Float32Array(3 * 3 * 3 * 4).fill(0.1), [3, 3, 3, 4]) },
});
const x = hostTensor(new Float32Array(2 * 8 * 8 * 3).fill(0.5), [2, 8, 8, 3]);
const rows: { step: number; residentMiB: number; tensors: number }[] = [];
for (let i = 0; i <= steps; i++) {
  await executable.step({ x });
  if (i % Math.max(1, Math.floor(steps / 10)) === 0) {
    rows.push({
      step: i,
      residentMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
      tensors: tf.memory().numTensors,
    });
  }
}
console.table(rows);
const resident = rows.slice(2).map(({ residentMiB }) => residentMiB);
console.log(
  JSON.stringify({ engine: engine.name, steps, lowestMiB: Math.min(...resident), highestMiB: Math.max(...resident) }),
);
await engine.dispose();
