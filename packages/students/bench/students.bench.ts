// Time per image and per training step of the full-size students on the compiled engine and, in turns with it, of the same layers in PyTorch
// (`students_torch.py`) where a Python has it.
// Usage: students.bench.ts [simrec|realgin] [batch] [rounds]     (REFCLIP_PYTHON names the Python with PyTorch)
import { fileURLToPath } from 'node:url';
import { createScope, createTrainStep, initializeParameters } from '@refclip/nn';
import type { ReferringModel } from '@refclip/referring';
import { createEngine, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { findPython } from '@refclip/testing/find-python';
import { PythonPeer } from '@refclip/testing/python-peer';
import type * as tf from '@tensorflow/tfjs';
import { createRealGin, createSimRec } from '../src/index.js';

const [name = 'simrec', batchText = '4', roundsText = '5'] = process.argv.slice(2);
const [batch, rounds] = [Number(batchText), Number(roundsText)];
const models: Readonly<Record<string, () => ReferringModel>> = {
  simrec: () => createSimRec({ words: 10000, dropout: 0 }),
  realgin: () => createRealGin({ words: 10000, dropout: 0 }),
};
const model = models[name]?.();
if (!model) throw new Error(`no student ${name}; one of ${Object.keys(models).join(', ')}`);
const side = model.inputSize;
const values = initializeParameters(model.parameters, 1);
const images = (count: number) => {
  const data = Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (i * 2654435761) >>> 24);
  return hostTensor(data, [count, side, side, 3]);
};
const tokens = (count: number) =>
  hostTensor(
    Int32Array.from({ length: count * 15 }, (_, i) => (i % 15 < 6 ? 3 + (i % 90) : 0)),
    [count, 15],
  );
const targets = hostTensor(
  Float32Array.from({ length: 4 * batch }, (_, i) => [0.5, 0.4, 0.3, 0.5][i % 4] as number),
  [batch, 4],
);
const engine = await createEngine({ engine: 'compiled' });

const python = findPython(['torch']);
const peer = python
  ? new PythonPeer({
      python,
      script: fileURLToPath(new URL('students_torch.py', import.meta.url)),
      args: [name, batchText],
    })
  : undefined;

const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;

/** Medians of the rounds after one that warms up, the engines in turns. */
async function time(
  what: 'image' | 'step',
  run: () => Promise<unknown>,
): Promise<{ readonly own: number; readonly torch: number | null }> {
  const own: number[] = [];
  const torch: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const started = performance.now();
    await run();
    const spent = performance.now() - started;
    const other = await peer?.run(what);
    if (round === 0) continue;
    own.push(spent);
    if (other) torch.push(other.ms);
  }
  return { own: median(own), torch: torch.length ? median(torch) : null };
}

const one: NamedHostTensors = { images: images(1), tokens: tokens(1) };
const locate = await engine.compile(
  (inputs, weights) => {
    const { scope } = createScope(weights, { training: false });
    return { ...model.locate(scope, model.encodeImages(scope, inputs), inputs.tokens as tf.Tensor2D) };
  },
  { name: 'locate', inputs: one, constants: values },
);
const perImage = await time('image', () => locate.run(one));
await locate.dispose();

// From images, frozen layers included, as PyTorch's loop does it.
const inputs: NamedHostTensors = { images: images(batch), tokens: tokens(batch), targets };
const step = createTrainStep({
  loss: (scope, given) => model.trainLoss(scope, given),
  batch: inputs,
  values,
  trainable: model.isTrainable,
  optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-9 },
  maxGradientNorm: 0.15,
});
const training = await engine.compileStateful(step.program, { name: 'step', ...step });
const rate = hostTensor(Float32Array.of(1e-4), []);
const perStep = await time('step', () => training.step({ ...inputs, learningRate: rate }));
await training.dispose();
await engine.dispose();
peer?.stop();
const line = (what: string, { own, torch }: typeof perImage) =>
  `${name}, ${what}: ${own.toFixed(0)} ms compiled${torch === null ? '' : `, ${torch.toFixed(0)} ms in PyTorch: ${(own / torch).toFixed(2)} of it`}`;
console.log(line('per image', perImage));
console.log(line(`per training step of ${batch}`, perStep));
console.log(JSON.stringify({ bench: 'students', model: name, batch, rounds, perImage, perStep }));
