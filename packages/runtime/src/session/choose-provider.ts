import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BackendError } from '@refclip/structures';
import { doublingModel, doublingSpec } from './doubling-model.js';
import { OnnxSession, type Provider } from './onnx-session.js';

const remedies: Readonly<Record<Provider, string>> = {
  cpu: 'Reinstall onnxruntime-node for this platform.',
  cuda:
    'It needs Linux x64, an NVIDIA driver, CUDA 12 with cuDNN 9, and the CUDA libraries of onnxruntime-node, which its install script downloads: ' +
    'node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12. For CUDA 13: docs/gpu.md.',
  webgpu: 'It needs a graphics adapter with a Vulkan, Metal or Direct3D 12 driver that onnxruntime-node can see.',
};

/** Runs `1 + 1` on a provider. @throws what ONNX Runtime throws. */
async function probe(provider: Provider): Promise<void> {
  const session = await OnnxSession.create(async () => doublingModel, { provider });
  try {
    const { y } = await session.run({ x: session.tensor({ ...doublingSpec, data: Float32Array.of(1, 1) }) });
    if ((y as { data?: Float32Array } | undefined)?.data?.[0] !== 2) throw new Error('1 + 1 did not give 2');
  } finally {
    await session.release();
  }
}

/** Whether onnxruntime-node has CUDA libraries beside its own; asking ONNX Runtime itself would log an error of several lines. */
async function hasCudaLibraries(): Promise<boolean> {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const binaries = join(dirname(main), '..', 'bin');
  const files = await readdir(binaries, { recursive: true }).catch(() => []);
  return files.some((file) => file.includes('onnxruntime_providers_cuda'));
}

/** Why a provider does not work here, or `undefined` when it does. */
export async function providerProblem(provider: Provider): Promise<string | undefined> {
  if (provider === 'cuda' && !(await hasCudaLibraries())) return 'onnxruntime-node has no CUDA libraries';
  return await probe(provider).then(
    () => undefined,
    (error: unknown) => (error as Error).message.split('\n')[0] ?? 'unknown',
  );
}

/**
 * The provider to use.
 *
 * @param device  `auto`: CUDA where it works, otherwise the processor. WebGPU is taken on request alone: a software adapter looks like a real one and is far slower than the processor.
 * @throws {BackendError} when the device that was asked for does not work; the message says what it needs.
 */
export async function chooseProvider(device: Provider | 'auto'): Promise<{ provider: Provider; reason: string }> {
  if (device === 'auto') {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      return { provider: 'cpu', reason: 'the processor, since CUDA is for Linux x64' };
    }
    const problem = await providerProblem('cuda');
    if (!problem) return { provider: 'cuda', reason: 'CUDA works here' };
    return { provider: 'cpu', reason: 'the processor, since CUDA does not work here' };
  }
  const problem = await providerProblem(device);
  if (problem) {
    throw new BackendError(
      `the device "${device}" does not work here: ${problem}. ${remedies[device]} Or choose the device "auto".`,
    );
  }
  return { provider: device, reason: 'the device as configured' };
}
