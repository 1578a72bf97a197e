// A process of its own for the cache's test: compiles one program with the cache directory given and prints what it computes.
import { createEngine, hostTensor } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

const engine = await createEngine({ engine: 'compiled', device: 'cpu', cacheDirectory: process.argv[2] });
const ramp = (length) => Float32Array.from({ length }, (_, i) => Math.sin(i));
const executable = await engine.compile(({ x }, { w }) => ({ y: tf.sum(tf.relu(tf.matMul(x, w))) }), {
  name: 'product',
  inputs: { x: { shape: [1, 256], dtype: 'float32' } },
  constants: { w: hostTensor(ramp(256 * 256), [256, 256]) },
});
const { y } = await executable.run({ x: hostTensor(ramp(256), [1, 256]) });
console.log(y.data[0]);
await engine.dispose();
