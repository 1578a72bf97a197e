import { BackendError, UsageError } from '@refclip/structures';
import { startBackend } from './backends/start-backend.js';
import { createCompiledEngine } from './engines/compiled-engine.js';
import { createEagerEngine } from './engines/eager-engine.js';
import type { CustomLowering } from './kernels/kernel-definition.js';
import { chooseProvider } from './session/choose-provider.js';
import { loadOnnxRuntime } from './session/onnx-session.js';
import type { Engine, EngineName } from './types.js';

/** Which engine runs programs, and where. */
export interface EngineOptions {
  /** Default `auto`: the compiled engine, and tfjs wasm where ONNX Runtime cannot be loaded. */
  readonly engine?: EngineName | 'auto' | undefined;
  /** Device of the compiled engine. Default `auto`: CUDA where it works, otherwise the processor. */
  readonly device?: 'auto' | 'cpu' | 'cuda' | 'webgpu' | undefined;
  /** Threads of the compiled engine; default one per core. */
  readonly threads?: number | undefined;
  /** Where optimized models are kept; default nowhere. */
  readonly cacheDirectory?: string | undefined;
  /**
   * Bytes that they may take together, from 0; `Infinity`: no limit. Default 8 GiB. After a new one, those that were not used for the longest time are removed. The
   * new one and those used within the last hour stay.
   */
  readonly cacheLimit?: number | undefined;
  /** Kernels of your own for the compiled engine. */
  readonly lowerings?: readonly CustomLowering[] | undefined;
}

/**
 * Creates the engine that programs are compiled on.
 *
 * @throws {BackendError} when an engine or device that was asked for by name does not work; the message says what to install.
 * @throws {UsageError} for a `cacheLimit` below 0.
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { engine = 'auto', device = 'auto' } = options;
  if (engine === 'compiled') return await compiled(options, 'compiled as configured');
  if (engine !== 'auto') {
    if (device !== 'auto' && device !== 'cpu') {
      throw new BackendError(
        `device "${device}" belongs to the compiled engine; the engine "${engine}" has its own. Leave the device out.`,
      );
    }
    const { backend, where } = await startBackend(engine);
    return createEagerEngine(engine, backend, where, `tfjs ${engine} on ${where}, as configured`);
  }
  const available = await loadOnnxRuntime().then(
    () => true,
    () => false,
  );
  if (available || device !== 'auto') return await compiled(options, 'compiling is the fastest that works here');
  const { backend, where } = await startBackend('wasm');
  return createEagerEngine(
    'wasm',
    backend,
    where,
    'tfjs wasm: onnxruntime-node cannot be loaded, so programs are not compiled',
  );
}

async function compiled(options: EngineOptions, why: string): Promise<Engine> {
  const { device = 'auto', threads, cacheDirectory, cacheLimit, lowerings } = options;
  if (cacheLimit !== undefined && !(cacheLimit >= 0)) {
    throw new UsageError(`createEngine: cacheLimit is ${cacheLimit}; expected bytes, from 0 to Infinity.`);
  }
  await loadOnnxRuntime();
  const { provider, reason } = await chooseProvider(device);
  const description = `ONNX Runtime on ${provider}: ${reason}; ${why}`;
  return createCompiledEngine({ provider, threads, cacheDirectory, cacheLimit, lowerings, description });
}
