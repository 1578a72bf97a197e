// A training step of a small RefCLIP (the sample's sizes, batch 8, from cached features): compiled against tfjs-wasm, interleaved, medians.
import { CounterRandom, createTrainStep, drawMasks, initializeParameters } from '@refclip/nn';
import { createEngine, hostTensor, type NamedHostTensors } from '@refclip/runtime';
import { createRefClip } from '../src/index.js';

const batch = 8;
const rounds = 7;
const model = createRefClip({
  words: 48,
  width: 1 / 8,
  inputSize: 256,
  classes: 8,
  anchorsPerImage: 12,
  attentionLayers: 1,
  textHidden: 256,
});
const specs = model.detectorOutputSpecs(batch);
const step = createTrainStep({
  loss: (scope, inputs) => model.trainLoss(scope, inputs),
  batch: { ...specs, tokens: { shape: [batch, model.options.maxTokens], dtype: 'int32' } },
  values: initializeParameters(model.parameters, 1),
  trainable: model.isTrainable,
  maxGradientNorm: 1,
});
const random = new CounterRandom(1);
const feeds: NamedHostTensors = {
  ...Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => {
      const size = shape.reduce((product, d) => product * d, 1);
      return [name, hostTensor(random.stream(name).uniform(size), shape)];
    }),
  ),
  tokens: hostTensor(random.stream('tokens').integers(batch * 15, 48), [batch, 15]),
  learningRate: hostTensor(Float32Array.of(1e-4), []),
  ...drawMasks(step.masks, random),
};
const names = ['compiled', 'wasm'] as const;
const times: Record<(typeof names)[number], number[]> = { compiled: [], wasm: [] };
const programs = [];
for (const name of names) {
  const engine = await createEngine({ engine: name });
  programs.push({ name, executable: await engine.compileStateful(step.program, { name: 'step', ...step }) });
}
for (let round = 0; round <= rounds; round++) {
  for (const { name, executable } of programs) {
    const started = performance.now();
    await executable.step(feeds);
    // The first round warms up.
    if (round > 0) times[name].push(performance.now() - started);
  }
}
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const [compiled, wasm] = [median(times.compiled), median(times.wasm)];
console.log(
  `training step, batch ${batch}: compiled ${compiled.toFixed(0)} ms, tfjs-wasm ${wasm.toFixed(0)} ms, ratio ${(wasm / compiled).toFixed(1)}`,
);
console.log(JSON.stringify({ bench: 'train-step', batch, compiledMs: compiled, wasmMs: wasm, ratio: wasm / compiled }));
