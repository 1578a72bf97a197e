import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createEngine } from '../create-engine.js';
import { hostTensor } from '../host-tensor.js';
import type { Engine } from '../types.js';
import { compilePerShape } from './compile-per-shape.js';

const ones = (length: number) => hostTensor(new Float32Array(length).fill(1), [length]);

test('compiles once per shape and forgets the one unused for longest', async () => {
  const engine = await createEngine({ engine: 'compiled' });
  const shapes: string[] = [];
  const counting: Engine = {
    ...engine,
    compile: (program, options) => {
      shapes.push(String(options.inputs.x?.shape));
      return engine.compile(program, options);
    },
  };
  const executable = compilePerShape(counting, ({ x }) => ({ sum: tf.sum(x as tf.Tensor) }), {
    name: 'sum',
    capacity: 2,
  });
  for (const length of [3, 4, 3, 5, 3, 4]) {
    expect((await executable.run({ x: ones(length) })).sum?.data[0]).toBe(length);
  }
  expect(shapes).toEqual(['3', '4', '5', '4']);
  const together = await Promise.all([6, 7, 8].map((length) => executable.run({ x: ones(length) })));
  expect(together.map(({ sum }) => sum?.data[0])).toEqual([6, 7, 8]);
  await executable.dispose();
  await engine.dispose();
});
