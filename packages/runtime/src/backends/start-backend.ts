import { BackendError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import type { EagerEngineName } from '../engines/eager-engine.js';
import { registerMissingKernels } from './missing-kernels.js';
import { repairWasmKernels } from './repair-wasm-kernels.js';
import { restoreUtilFunctions } from './restore-util-functions.js';

const modules: Readonly<
  Record<EagerEngineName, { readonly module: string; readonly backend: string; readonly install: string }>
> = {
  // Part of @tensorflow/tfjs itself.
  cpu: { module: '@tensorflow/tfjs', backend: 'cpu', install: '@tensorflow/tfjs' },
  wasm: { module: '@tensorflow/tfjs-backend-wasm', backend: 'wasm', install: '@tensorflow/tfjs-backend-wasm' },
  webgpu: {
    module: '@tensorflow/tfjs-backend-webgpu',
    backend: 'webgpu',
    install: '@tensorflow/tfjs-backend-webgpu webgpu',
  },
  node: { module: '@tensorflow/tfjs-node', backend: 'tensorflow', install: '@tensorflow/tfjs-node' },
  'node-gpu': { module: '@tensorflow/tfjs-node-gpu', backend: 'tensorflow', install: '@tensorflow/tfjs-node-gpu' },
};

/**
 * Loads and starts a tfjs backend.
 *
 * @returns the name under which tfjs knows it, and where it runs.
 * @throws {BackendError} that says what to install.
 */
export async function startBackend(engine: EagerEngineName): Promise<{ backend: string; where: string }> {
  const { module, backend, install } = modules[engine];
  try {
    if (engine === 'node' || engine === 'node-gpu') restoreUtilFunctions();
    if (engine === 'webgpu') await provideWebGpu();
    if (engine === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
    else if (engine !== 'cpu') await import(module);
    if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start its backend "${backend}"`);
    await tf.ready();
  } catch (cause) {
    throw new BackendError(
      `the engine "${engine}" does not work here: ${(cause as Error).message.split('\n')[0]}. Install ${install}, or choose the engine "auto".`,
      { cause },
    );
  }
  registerMissingKernels(backend);
  if (engine === 'wasm') repairWasmKernels();
  const where = engine === 'webgpu' ? 'webgpu' : engine === 'node-gpu' ? 'cuda' : 'cpu';
  return { backend, where };
}

/** Node has no WebGPU of its own: the `webgpu` package brings Dawn. */
async function provideWebGpu(): Promise<void> {
  const host = globalThis as { navigator?: { gpu?: unknown } };
  if (host.navigator?.gpu) return;
  const name = 'webgpu';
  const { create, globals } = (await import(name)) as {
    create(flags: string[]): unknown;
    globals: Record<string, unknown>;
  };
  Object.assign(globalThis, globals);
  const gpu = create([]);
  if (host.navigator) Object.defineProperty(host.navigator, 'gpu', { value: gpu, configurable: true });
  else Object.defineProperty(host, 'navigator', { value: { gpu }, configurable: true });
}
