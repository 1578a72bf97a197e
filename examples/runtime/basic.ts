// A function of one's own and its gradient, compiled and run: `pnpm --filter @refclip/example-runtime start`.
import { createEngine, hostTensor } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

const engine = await createEngine();
const spec = { shape: [3], dtype: 'float32' } as const;
const executable = await engine.compile(
  ({ x }) => {
    const { value, grad } = tf.valueAndGrad((at) => tf.sum(tf.square(at)))(x!);
    return { value, gradient: grad };
  },
  { name: 'sum-of-squares', inputs: { x: spec } },
);
const { value, gradient } = await executable.run({ x: hostTensor(Float32Array.of(1, 2, 3), [3]) });
console.log('value', value?.data[0], 'gradient', Array.from(gradient?.data ?? []).join(', '));
await engine.dispose();
