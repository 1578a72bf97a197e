import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { BackendError } from '@refclip/structures';
import { exportOnnx } from '../export/export-onnx.js';
import { assertFeeds } from '../host-tensor.js';
import type { CustomLowering } from '../kernels/kernel-definition.js';
import type { PoolReply, PoolRequest, PoolWorkerData } from '../session/pool-worker.js';
import type { CompileOptions, Executable, NamedHostTensors, Program } from '../types.js';

/** How a pool is made. */
export interface ExecutablePoolOptions extends CompileOptions {
  /** Worker threads, each with a session and a copy of the weights of its own. Default one per core. */
  readonly workers?: number;
  /** Threads of each session. Default 1: with a worker per core, more would only wait for each other. */
  readonly threads?: number;
  readonly lowerings?: readonly CustomLowering[];
}

/** A program on several workers; calls of `run` are done side by side, in the order of their arrival. */
export interface ExecutablePool extends Executable {
  readonly workers: number;
}

interface Job {
  readonly feeds: NamedHostTensors;
  readonly resolve: (outputs: NamedHostTensors) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Compiles a program once and runs it in worker threads, for throughput: a session's runs come one after another and block their thread, so many inputs are
 * done faster by several sessions of one thread each than by one session of many threads. On the processor.
 *
 * @throws {UnsupportedOpError} that names every kernel without a lowering; {BackendError} when a worker cannot start.
 */
export async function createExecutablePool(program: Program, options: ExecutablePoolOptions): Promise<ExecutablePool> {
  const { name, inputs, workers: count = availableParallelism(), threads = 1 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'refclip-pool-'));
  const waiting: Job[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    for (const job of [...busy.values(), ...waiting.splice(0)]) job.reject(failure);
    busy.clear();
  };
  const dispatch = () => {
    while (idle.length && waiting.length) {
      const [worker, job] = [idle.pop() as Worker, waiting.shift() as Job];
      busy.set(worker, job);
      worker.postMessage({ id: 0, feeds: job.feeds } satisfies PoolRequest);
    }
  };
  const answer = (worker: Worker, reply: PoolReply) => {
    const job = busy.get(worker);
    busy.delete(worker);
    idle.push(worker);
    if ('problem' in reply) job?.reject(new BackendError(`program ${name} failed in a worker: ${reply.problem}`));
    else job?.resolve(reply.outputs);
    dispatch();
  };
  let team: readonly Worker[] = [];
  const dispose = async () => {
    fail(new BackendError(`the pool of program ${name} is disposed; make another one.`));
    await Promise.all(team.map((worker) => worker.terminate()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const file = join(folder, 'program.onnx');
    await exportOnnx(program, { ...options, file, externalData: true });
    team = Array.from({ length: count }, () => startWorker({ file, threads }));
    await Promise.all(team.map((worker) => ready(worker, (reply) => answer(worker, reply), fail)));
  } catch (cause) {
    await dispose();
    throw cause;
  }
  return {
    workers: count,
    async run(feeds) {
      assertFeeds(`program ${name}`, inputs, feeds);
      return await new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting.push({ feeds, resolve, reject });
        dispatch();
      });
    },
    dispose,
  };
}

/** The built worker beside the package's code, or the one in the source tree. */
function startWorker(data: PoolWorkerData): Worker {
  const built = new URL('./pool-worker.js', import.meta.url);
  const source = new URL('../session/pool-worker-from-source.mjs', import.meta.url);
  const isBuilt = existsSync(fileURLToPath(built));
  return new Worker(isBuilt ? built : source, {
    workerData: data,
    ...(isBuilt ? {} : { execArgv: ['--conditions=@refclip/source'] }),
  });
}

/** Waits for the first message; later ones are answers. */
function ready(worker: Worker, answer: (reply: PoolReply) => void, fail: (error: Error) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (reply: PoolReply) => {
      answer(reply);
      if (reply.id < 0) resolve();
    });
    worker.on('error', (cause) => {
      const error = new BackendError(`a worker of the pool ended: ${(cause as Error).message}`, { cause });
      fail(error);
      reject(error);
    });
  });
}
