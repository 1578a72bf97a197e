import { join } from 'node:path';
import { BackendError } from '@refclip/structures';
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import { splitWeights } from '../lower/external-weights.js';
import { encodeOnnxModel, type OnnxModel } from '../lower/onnx-proto.js';
import { stopOutput } from '../lower/with-stop-output.js';
import type { HostTensor, NamedHostTensors } from '../types.js';
import { cachedEntry, cacheFiles, discardEntry } from './model-cache.js';
import { pruneCache } from './prune-cache.js';

/** The module, loaded when the first program is compiled. */
export type OnnxRuntime = typeof import('onnxruntime-node');

/** Execution providers that are asked for by name. */
export type Provider = 'cpu' | 'webgpu' | 'cuda';

/** How sessions are made. */
export interface SessionOptions {
  readonly provider: Provider;
  /** Threads inside one operator; absent: one per core. */
  readonly threads?: number | undefined;
}

/** Where an optimized model is kept between runs, and by what name. */
export interface KeptModel {
  readonly directory: string;
  readonly key: string;
  /** Bytes that all kept models may take together. */
  readonly limit: number;
}

/** @throws {BackendError} that says what to install. */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    const module = (await import('onnxruntime-node')) as OnnxRuntime & { default?: OnnxRuntime };
    return module.default ?? module;
  } catch (cause) {
    throw new BackendError(
      'the compiled engine needs onnxruntime-node, which cannot be loaded. Install it (npm install onnxruntime-node) or choose the engine "wasm".',
      { cause },
    );
  }
}

/** A model loaded into ONNX Runtime. */
export class OnnxSession {
  readonly #runtime: OnnxRuntime;
  readonly #session: InferenceSession;

  private constructor(runtime: OnnxRuntime, session: InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  /**
   * @param model  asked for only when no optimized one is kept.
   * @param kept   absent: nothing is kept.
   */
  static async create(
    model: () => Promise<OnnxModel>,
    options: SessionOptions,
    kept?: KeptModel,
  ): Promise<OnnxSession> {
    const runtime = await loadOnnxRuntime();
    const settings: InferenceSession.SessionOptions = {
      executionProviders: options.provider === 'cpu' ? ['cpu'] : [options.provider, 'cpu'],
      graphOptimizationLevel: 'all',
      ...(options.threads ? { intraOpNumThreads: options.threads } : {}),
      logSeverityLevel: 3,
    };
    const { create } = runtime.InferenceSession;
    const session = kept ? openKept(create, model, kept, settings) : openFromMemory(create, await model(), settings);
    return new OnnxSession(runtime, await session);
  }

  /** Wraps host memory; nothing is copied. */
  tensor({ data, shape, dtype }: HostTensor): Tensor {
    return new this.#runtime.Tensor(dtype, data as Float32Array, [...shape]);
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, OnnxValue>>> {
    return await this.#session.run(feeds);
  }

  /**
   * Runs with outputs that are written where they are wanted.
   *
   * `onnxruntime-node` lets ONNX Runtime write into tensors that it is given, and then copies each of them into fresh memory for an answer, which nobody reads
   * here. For the state of a training step that is several hundred megabytes and up to a quarter of the step's time. It goes through the outputs in their order and
   * fails at one that is no tensor, when everything has been computed and before anything is copied: see {@link withStopOutput}.
   *
   * @param into  a tensor for every output of the model but the stop.
   */
  async runInto(feeds: Readonly<Record<string, Tensor>>, into: Readonly<Record<string, Tensor>>): Promise<void> {
    const stops = this.#session.outputNames[0] === stopOutput;
    try {
      await this.#session.run(feeds, stops ? { [stopOutput]: null, ...into } : into);
    } catch (error) {
      if (!stops || !isStop(error)) throw error;
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

const isStop = (error: unknown) => error instanceof Error && /^Non tensor type/.test(error.message);

type Create = OnnxRuntime['InferenceSession']['create'];

/** Large tensors go in as external data: they are not copied into the encoded model. */
function openFromMemory(
  create: Create,
  model: OnnxModel,
  settings: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const { model: graph, weights } = splitWeights(model);
  const externalData = weights.map(({ location, data }) => ({ path: location, data }));
  return create(encodeOnnxModel(graph), { ...settings, ...(externalData.length ? { externalData } : {}) });
}

/** Loads the optimized model that an earlier run left, or optimizes and leaves it. */
async function openKept(
  create: Create,
  model: () => Promise<OnnxModel>,
  { directory, key, limit }: KeptModel,
  settings: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const build = async (folder: string) => {
    const session = await openFromMemory(create, await model(), {
      ...settings,
      optimizedModelFilePath: join(folder, cacheFiles.model),
      extra: {
        session: {
          optimized_model_external_initializers_file_name: cacheFiles.weights,
          optimized_model_external_initializers_min_size_in_bytes: '1024',
        },
      },
    });
    await session.release();
  };
  const load = (folder: string) =>
    create(join(folder, cacheFiles.model), { ...settings, graphOptimizationLevel: 'disabled' });
  const { folder, found } = await cachedEntry(directory, key, build);
  if (!found) await pruneCache(directory, limit, folder);
  try {
    return await load(folder);
  } catch (error) {
    if (!found) throw error;
    // Whole by its manifest and still refused: build it anew.
    await discardEntry(folder);
    return await load((await cachedEntry(directory, key, build)).folder);
  }
}

/** The content of ONNX Runtime's tensors; nothing is copied. */
export function toHostTensors(values: Readonly<Record<string, OnnxValue>>, names: readonly string[]): NamedHostTensors {
  return Object.fromEntries(
    names.map((name) => {
      const tensor = values[name] as Tensor;
      const dtype = tensor.type as HostTensor['dtype'];
      return [name, { data: tensor.data as Float32Array, shape: [...tensor.dims], dtype }];
    }),
  );
}
