import { UnsupportedOpError } from '@refclip/structures';
import { uniform } from '@refclip/testing';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, test } from 'vitest';
import { createEngine } from '../create-engine.js';
import { hostTensor } from '../host-tensor.js';
import type { Engine, HostTensor, Program, StatefulProgram } from '../types.js';

const engines: Engine[] = await Promise.all(
  (['compiled', 'cpu', 'wasm'] as const).map((engine) => createEngine({ engine })),
);
afterAll(async () => {
  for (const engine of engines) await engine.dispose();
});

const vector = (...values: number[]) => hostTensor(Float32Array.from(values), [values.length]);

describe.each(engines.map((engine) => [engine.name, engine] as const))('%s', (_name, engine) => {
  test('runs a program with its gradient', async () => {
    const program: Program = ({ x }, { scale }) => {
      const { value, grad } = tf.valueAndGrad((at) => tf.sum(tf.mul(tf.square(at), scale as tf.Tensor)))(
        x as tf.Tensor,
      );
      return { value, gradient: grad };
    };
    const executable = await engine.compile(program, {
      name: 'square',
      inputs: { x: { shape: [3], dtype: 'float32' } },
      constants: { scale: vector(1, 10, 100) },
    });
    const { value, gradient } = await executable.run({ x: vector(1, 2, 3) });
    expect(value?.data[0]).toBeCloseTo(941);
    expect(Array.from(gradient?.data ?? [])).toEqual([2, 40, 600]);
    await executable.dispose();
  });

  test('an output may be named like an input, or be one', async () => {
    const executable = await engine.compile(({ x }) => ({ x: tf.neg(x as tf.Tensor), same: x as tf.Tensor }), {
      name: 'names',
      inputs: { x: { shape: [1], dtype: 'float32' } },
    });
    const { x, same } = await executable.run({ x: vector(3) });
    expect([x?.data[0], same?.data[0]]).toEqual([-3, 3]);
  });

  test('bytes enter as int32', async () => {
    const executable = await engine.compile(({ x }) => ({ y: tf.div(tf.cast(x as tf.Tensor, 'float32'), 255) }), {
      name: 'bytes',
      inputs: { x: { shape: [2], dtype: 'uint8' } },
    });
    const { y } = await executable.run({ x: hostTensor(Uint8Array.of(0, 255), [2]) });
    expect(Array.from(y?.data ?? [])).toEqual([0, 1]);
  });

  test('a state moves on, can be read, and written back to give the same bits', async () => {
    const program: StatefulProgram = ({ w, count }, { x }) => ({
      state: {
        w: tf.add(tf.mul(w as tf.Tensor, 0.9), x as tf.Tensor),
        count: tf.add(count as tf.Tensor, tf.scalar(1, 'int32')),
      },
      outputs: { before: tf.sum(w as tf.Tensor), unchanged: w as tf.Tensor },
    });
    const executable = await engine.compileStateful(program, {
      name: 'moving',
      inputs: { x: { shape: [2], dtype: 'float32' } },
      state: { w: vector(1, 2), count: hostTensor(Int32Array.of(0), []) },
    });
    expect((await executable.step({ x: vector(1, 1) })).before?.data[0]).toBe(3);
    const saved = await executable.readState();
    expect(saved.count?.data[0]).toBe(1);
    const once = await executable.step({ x: vector(5, 6) });
    const after = await executable.readState();
    await executable.writeState(saved);
    expect(await executable.step({ x: vector(5, 6) })).toEqual(once);
    expect(await executable.readState()).toEqual(after);
    expect(Array.from(saved.w?.data ?? [])).toEqual([
      Math.fround(Math.fround(0.9) + 1),
      Math.fround(Math.fround(1.8) + 1),
    ]);
  });

  test('a training step from the same state gives the same bits, and the loss falls', async () => {
    const program: StatefulProgram = ({ w, m }, { x }) => {
      const { value, grad } = tf.valueAndGrad((at) => {
        const y = tf.leakyRelu(tf.conv2d(x as tf.Tensor4D, at as tf.Tensor4D, 1, 'same'), 0.1);
        return tf.mean(tf.square(tf.sub(y, 1)));
      })(w as tf.Tensor);
      const momentum = tf.add(tf.mul(m as tf.Tensor, 0.9), grad);
      return { state: { w: tf.sub(w as tf.Tensor, tf.mul(momentum, 0.1)), m: momentum }, outputs: { loss: value } };
    };
    const shape = [3, 3, 2, 4];
    const initial = {
      w: hostTensor(uniform('w', 72), shape),
      m: hostTensor(new Float32Array(72), shape),
    };
    const executable = await engine.compileStateful(program, {
      name: 'training',
      inputs: { x: { shape: [2, 6, 6, 2], dtype: 'float32' } },
      state: initial,
    });
    const x = hostTensor(uniform('x', 144), [2, 6, 6, 2]);
    const train = async () => {
      await executable.writeState(initial);
      const losses: number[] = [];
      for (let i = 0; i < 10; i++) losses.push((await executable.step({ x })).loss?.data[0] as number);
      return { losses, state: await executable.readState() };
    };
    const once = await train();
    expect(await train()).toEqual(once);
    expect(once.losses.at(-1)).toBeLessThan(once.losses[0] as number);
    await executable.dispose();
  });

  test('programs of several sizes share one state', async () => {
    const program: StatefulProgram = ({ w }, { x }) => ({
      state: { w: tf.add(w as tf.Tensor, tf.sum(x as tf.Tensor)) },
      outputs: { before: w as tf.Tensor },
    });
    const sized = (size: number) => ({
      name: `size ${size}`,
      inputs: { x: { shape: [size], dtype: 'float32' as const } },
      state: { w: vector(1, 2) },
    });
    const tensors = tf.memory().numTensors;
    const one = await engine.compileStateful(program, sized(1));
    await one.step({ x: vector(10) });
    const two = await engine.compileStateful(program, { ...sized(2), sharedWith: one });
    const read = async (of: typeof one) => Array.from((await of.readState()).w?.data ?? []);
    expect(await read(two)).toEqual([11, 12]);
    expect(Array.from((await two.step({ x: vector(100, 100) })).before?.data ?? [])).toEqual([11, 12]);
    expect(await read(one)).toEqual([211, 212]);
    await one.step({ x: vector(1) });
    expect(await read(two)).toEqual([212, 213]);
    await two.writeState({ w: vector(5, 6) });
    expect(await read(one)).toEqual([5, 6]);
    await one.dispose();
    await one.dispose();
    await two.step({ x: vector(1, 1) });
    expect(await read(two)).toEqual([7, 8]);
    const wide = { ...sized(1), state: { w: vector(1, 2, 3) }, sharedWith: two };
    await expect(engine.compileStateful(program, wide)).rejects.toThrow('w: expected float32 [3], got float32 [2]');
    await two.dispose();
    await expect(engine.compileStateful(program, { ...sized(1), sharedWith: two })).rejects.toThrow('disposed');
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('inputs that do not fit are refused by name', async () => {
    const executable = await engine.compile(({ x }) => ({ y: tf.neg(x as tf.Tensor) }), {
      name: 'negate',
      inputs: { x: { shape: [2], dtype: 'float32' } },
    });
    await expect(executable.run({})).rejects.toThrow('input "x"');
    await expect(executable.run({ x: vector(1) })).rejects.toThrow('has shape [1]; expected [2]');
    const flags: HostTensor = { data: Int32Array.of(1, 2), shape: [2], dtype: 'int32' };
    await expect(executable.run({ x: flags })).rejects.toThrow('type must be float32');
    await expect(executable.run({ x: vector(1, 2), z: vector(1) })).rejects.toThrow('input "z"');
  });
});

describe('choice', () => {
  test('auto compiles, and says where and why', async () => {
    const engine = await createEngine();
    expect(engine.name).toBe('compiled');
    expect(engine.description).toContain(engine.device);
    await engine.dispose();
  });

  test('an engine that is not installed is refused with what to install', async () => {
    await expect(createEngine({ engine: 'node' })).rejects.toThrow('Install @tensorflow/tfjs-node');
    await expect(createEngine({ engine: 'webgpu' })).rejects.toThrow('Install @tensorflow/tfjs-backend-webgpu webgpu');
  });

  test('a device of another engine is refused', async () => {
    await expect(createEngine({ engine: 'cpu', device: 'cuda' })).rejects.toThrow('belongs to the compiled engine');
    for (const cacheLimit of [-1, Number.NaN])
      await expect(createEngine({ engine: 'compiled', cacheLimit })).rejects.toThrow(`cacheLimit is ${cacheLimit}`);
  });

  test('a program with unsupported kernels is refused with all of them and their places', async () => {
    const engine = await createEngine({ engine: 'compiled' });
    const program: Program = ({ x }) => ({
      a: tf.image.cropAndResize(x as tf.Tensor4D, tf.zeros([1, 4]), tf.zeros([1], 'int32'), [2, 2]),
      b: tf.localResponseNormalization(x as tf.Tensor4D),
      c: tf.localResponseNormalization(tf.neg(x as tf.Tensor4D)),
    });
    const failure = await engine
      .compile(program, { name: 'odd', inputs: { x: { shape: [1, 4, 4, 1], dtype: 'float32' } } })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnsupportedOpError);
    const { ops } = failure as UnsupportedOpError;
    expect(ops.map(({ name, count }) => [name, count])).toEqual([
      ['CropAndResize', 1],
      ['LRN', 2],
    ]);
    for (const { example } of ops) expect(example).toMatch(/engines\.test\.ts:\d+:\d+$/);
    await engine.dispose();
  });

  test('kernels that cannot be compiled are named also when the program fails because of them', async () => {
    const engine = await createEngine({ engine: 'compiled' });
    const inputs = { x: { shape: [4], dtype: 'float32' } } as const;
    const compile = (name: string, program: Program) =>
      engine.compile(program, { name, inputs }).catch((error: unknown) => error);
    const spectrum = await compile('spectrum', ({ x }) => {
      const real = x as tf.Tensor1D;
      return { y: tf.real(tf.spectral.fft(tf.complex(tf.erf(real), real))) };
    });
    expect(spectrum).toBeInstanceOf(UnsupportedOpError);
    expect((spectrum as UnsupportedOpError).ops.map(({ name }) => name)).toEqual(['Complex', 'FFT']);
    const reading = await compile('reading', ({ x }) => {
      const matrix = tf.reshape(x as tf.Tensor, [1, 2, 2, 1]) as tf.Tensor4D;
      return { y: tf.mul(matrix, tf.localResponseNormalization(matrix).dataSync()[0] as number) };
    });
    expect((reading as UnsupportedOpError).ops.map(({ name }) => name)).toEqual(['LRN']);
    expect((reading as Error).message).toMatch(/reads a tensor's values at .*engines\.test\.ts:\d+:\d+/);
    await engine.dispose();
  });

  test('a convolution whose shape tfjs gets wrong is refused', async () => {
    const engine = await createEngine({ engine: 'compiled' });
    const program: Program = ({ x, w }) => ({ y: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 0) });
    const inputs = {
      x: { shape: [1, 4, 5, 1], dtype: 'float32' },
      w: { shape: [2, 3, 1, 2], dtype: 'float32' },
    } as const;
    await expect(engine.compile(program, { name: 'wide', inputs })).rejects.toThrow('it is 3');
    await engine.dispose();
  });

  test('a program that reads a value is refused with the place', async () => {
    const engine = await createEngine({ engine: 'compiled' });
    const program: Program = ({ x }) => ({ y: (x as tf.Tensor).dataSync()[0] ? tf.zeros([1]) : (x as tf.Tensor) });
    await expect(
      engine.compile(program, { name: 'branching', inputs: { x: { shape: [1], dtype: 'float32' } } }),
    ).rejects.toThrow(/reads a tensor's values at .*engines\.test\.ts/);
    await engine.dispose();
  });
});
