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

/** Rate of a product of two 256×256 matrices. */
async function measure(engine: Engine, seconds: number): Promise<number> {
  const size = 256;
  const spec = { shape: [size, size], dtype: 'float32' } as const;
  const executable = await engine.compile(
    ({ a, b }) => ({ mean: tf.mean(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D)) }),
    { name: 'rate', inputs: { a: spec, b: spec } },
  );
  const matrix = hostTensor(new Float32Array(size * size).fill(0.5), [size, size]);
  await executable.run({ a: matrix, b: matrix });
  const start = performance.now();
  let runs = 0;
  while (performance.now() - start < seconds * 1000 || runs === 0) {
    await executable.run({ a: matrix, b: matrix });
    runs++;
  }
  const elapsed = (performance.now() - start) / 1000;
  await executable.dispose();
  return (runs * 2 * size ** 3) / elapsed / 1e9;
}
