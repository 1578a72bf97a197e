import { valueInfo } from '../lower/onnx-builder.js';
import type { OnnxModel } from '../lower/onnx-proto.js';
import { withStopOutput } from '../lower/with-stop-output.js';
import { OnnxSession, type Provider } from './onnx-session.js';

const known = new Map<Provider, Promise<boolean>>();

/**
 * Whether a model made by {@link withStopOutput} leaves its outputs in the tensors that they were to be written to. It rests on the order in which
 * `onnxruntime-node` does things, so it is tried, once for a provider, and not believed.
 */
export function canStop(provider: Provider): Promise<boolean> {
  const answer = known.get(provider) ?? tryStop(provider).catch(() => false);
  known.set(provider, answer);
  return answer;
}

async function tryStop(provider: Provider): Promise<boolean> {
  const spec = { shape: [2], dtype: 'float32' } as const;
  const negate: OnnxModel = {
    ir_version: 9,
    producer_name: '@refclip/runtime',
    opset_import: [{ domain: '', version: 19 }],
    graph: {
      name: 'stop',
      node: [{ op_type: 'Neg', name: 'negate', input: ['x'], output: ['y'], attribute: [] }],
      initializer: [],
      input: [valueInfo('x', spec)],
      output: [valueInfo('y', spec)],
    },
  };
  const session = await OnnxSession.create(async () => withStopOutput(negate), { provider, threads: 1 });
  try {
    const y = new Float32Array(2);
    await session.runInto(
      { x: session.tensor({ ...spec, data: Float32Array.of(1, 2) }) },
      { y: session.tensor({ ...spec, data: y }) },
    );
    return y[0] === -1 && y[1] === -2;
  } finally {
    await session.release();
  }
}
