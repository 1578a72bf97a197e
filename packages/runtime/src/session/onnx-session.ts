import { join } from 'node:path';
import { BackendError } from '@refclip/structures';
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import { splitWeights } from '../lower/external-weights.js';
import { encodeOnnxModel, type OnnxModel } from '../lower/onnx-proto.js';
import type { HostTensor, NamedHostTensors } from '../types.js';
import { cachedEntry, cacheFiles, discardEntry } from './model-cache.js';

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

  /** @param into tensors that receive outputs of those names in place. */
  async run(
    feeds: Readonly<Record<string, Tensor>>,
    into?: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, OnnxValue>>> {
    if (!into) return await this.#session.run(feeds);
    return await this.#session.run(
      feeds,
      Object.fromEntries(this.#session.outputNames.map((name) => [name, into[name] ?? null])),
    );
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

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
  { directory, key }: KeptModel,
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
