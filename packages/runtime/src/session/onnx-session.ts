import { BackendError } from '@refclip/structures';
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import { encodeOnnxModel, type OnnxModel } from '../lower/onnx-proto.js';
import type { HostTensor, NamedHostTensors } from '../types.js';

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

  static async create(model: OnnxModel, options: SessionOptions): Promise<OnnxSession> {
    const runtime = await loadOnnxRuntime();
    const settings: InferenceSession.SessionOptions = {
      executionProviders: options.provider === 'cpu' ? ['cpu'] : [options.provider, 'cpu'],
      graphOptimizationLevel: 'all',
      ...(options.threads ? { intraOpNumThreads: options.threads } : {}),
      logSeverityLevel: 3,
    };
    return new OnnxSession(runtime, await runtime.InferenceSession.create(encodeOnnxModel(model), settings));
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
