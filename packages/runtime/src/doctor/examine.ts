import { cpus, totalmem } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { createEngine, type EngineOptions } from '../create-engine.js';
import { hostTensor } from '../host-tensor.js';
import type { Engine } from '../types.js';

/** One engine on this machine. */
export interface EngineReport {
  readonly engine: string;
  readonly device: string;
  readonly works: boolean;
  /** Why it does not work and what to install; otherwise what it is. */
  readonly detail: string;
  /** Billions of multiplications and additions per second of a matrix product, measured for about a second. */
  readonly gflops?: number;
}

/** What {@link examine} found. */
export interface MachineReport {
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly tfjs: string;
  readonly engines: readonly EngineReport[];
}

const candidates: readonly EngineOptions[] = [
  { engine: 'compiled', device: 'cpu' },
  { engine: 'compiled', device: 'cuda' },
  { engine: 'compiled', device: 'webgpu' },
  { engine: 'cpu' },
  { engine: 'wasm' },
  { engine: 'webgpu' },
  { engine: 'node' },
  { engine: 'node-gpu' },
];

/**
 * Tries every engine and device.
 *
 * @param seconds  how long each one that works is measured; default 1.
 */
export async function examine(seconds = 1): Promise<MachineReport> {
  const engines: EngineReport[] = [];
  for (const options of candidates) engines.push(await tryEngine(options, seconds));
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    tfjs: tf.version['tfjs-core'],
    engines,
  };
}

async function tryEngine(options: EngineOptions, seconds: number): Promise<EngineReport> {
  const [engine, device] = [options.engine ?? 'auto', options.device ?? 'its own'];
  try {
    const created = await createEngine(options);
    try {
      const gflops = await measure(created, seconds);
      return { engine, device: created.device, works: true, detail: created.description, gflops };
    } finally {
      await created.dispose();
    }
  } catch (error) {
    return { engine, device, works: false, detail: (error as Error).message };
  }
}

const largestProduct = 4096;

/** Rate of a matrix product, of the smallest size that takes a few hundredths of a second: a GPU shows nothing at a small one. */
async function measure(engine: Engine, seconds: number): Promise<number> {
  for (let size = 256; ; size *= 2) {
    const run = await compileProduct(engine, size);
    try {
      await run();
      const first = performance.now();
      await run();
      if (size < largestProduct && performance.now() - first < 30) continue;
      const start = performance.now();
      let runs = 0;
      for (; runs === 0 || performance.now() - start < seconds * 1000; runs++) await run();
      return (runs * 2 * size ** 3) / ((performance.now() - start) / 1000) / 1e9;
    } finally {
      await run.dispose();
    }
  }
}

/** The product of two square matrices that are filled where the engine runs, so that nothing large is copied there. */
async function compileProduct(engine: Engine, size: number) {
  const executable = await engine.compile(
    ({ value }) => {
      const matrix = tf.broadcastTo(value as tf.Tensor, [size, size]) as tf.Tensor2D;
      return { mean: tf.mean(tf.matMul(matrix, matrix)) };
    },
    { name: 'rate', inputs: { value: { shape: [1, 1], dtype: 'float32' } } },
  );
  const value = hostTensor(Float32Array.of(0.5), [1, 1]);
  return Object.assign(() => executable.run({ value }), { dispose: () => executable.dispose() });
}
