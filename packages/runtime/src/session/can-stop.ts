import { withStopOutput } from '../lower/with-stop-output.js';
import { doublingModel, doublingSpec } from './doubling-model.js';
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
  const session = await OnnxSession.create(async () => withStopOutput(doublingModel), { provider, threads: 1 });
  try {
    const y = new Float32Array(2);
    await session.runInto(
      { x: session.tensor({ ...doublingSpec, data: Float32Array.of(1, 2) }) },
      { y: session.tensor({ ...doublingSpec, data: y }) },
    );
    return y[0] === 2 && y[1] === 4;
  } finally {
    await session.release();
  }
}
