// A worker thread of an executable pool: one session, one run at a time.
import { parentPort, workerData } from 'node:worker_threads';
import type { NamedHostTensors } from '../types.js';
import { loadOnnxRuntime, toHostTensors } from './onnx-session.js';

/** What the pool hands to each worker. */
export interface PoolWorkerData {
  /** An ONNX file with its weights beside it. */
  readonly file: string;
  readonly threads: number;
}

/** A run that the pool asks for. */
export interface PoolRequest {
  readonly id: number;
  readonly feeds: NamedHostTensors;
}

/** What became of it; the worker's first message, with id −1, says that it is ready. */
export type PoolReply =
  | { readonly id: number; readonly outputs: NamedHostTensors }
  | { readonly id: number; readonly problem: string };

const port = parentPort;
if (!port) throw new Error('internal: pool-worker is for worker threads');
const { file, threads } = workerData as PoolWorkerData;
const runtime = await loadOnnxRuntime();
const session = await runtime.InferenceSession.create(file, {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  logSeverityLevel: 3,
});
port.on('message', async ({ id, feeds }: PoolRequest) => {
  try {
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, { data, shape, dtype }]) => [
        name,
        new runtime.Tensor(dtype, data as Float32Array, [...shape]),
      ]),
    );
    const results = await session.run(tensors);
    port.postMessage({ id, outputs: toHostTensors(results, Object.keys(results)) } satisfies PoolReply);
  } catch (error) {
    port.postMessage({ id, problem: (error as Error).message } satisfies PoolReply);
  }
});
port.postMessage({ id: -1, outputs: {} } satisfies PoolReply);
