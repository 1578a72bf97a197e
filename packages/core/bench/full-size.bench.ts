// The paper's model at full size: forward pass and training step, compiled, on tfjs-wasm and in PyTorch, interleaved; medians, ratios, JSON.
// The device is that of the compiled engine; PyTorch runs on CUDA when that is named, otherwise on the processor.
//   pnpm bench:full-size [--only forward|step] [--rounds 5] [--threads N] [--device cpu|cuda|webgpu] [--no-wasm] [--json FILE]
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CounterRandom, compileModel, createTrainStep, drawMasks, initializeParameters } from '@refclip/nn';
import { createEngine, type EngineOptions, hostTensor, type NamedHostTensors, type TensorSpec } from '@refclip/runtime';
import { findPython } from '@refclip/testing/find-python';
import { PythonPeer, type Timing } from '@refclip/testing/python-peer';
import { deformConv2dLowering } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import { createRefClip } from '../src/index.js';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string' },
    device: { type: 'string', default: 'cpu' },
    'no-wasm': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
tf.enableProdMode();
const rounds = Number(options.rounds);
const threads = options.threads ? Number(options.threads) : undefined;
const devices = ['cpu', 'cuda', 'webgpu'] as const;
const device = devices.find((name) => name === options.device);
if (!device) {
  console.error(`--device: expected one of ${devices.join(', ')}, got ${options.device}`);
  process.exit(2);
}
/** Options of the engine of that name. */
const onEngine = (engine: 'compiled' | 'wasm', on = device) =>
  engine === 'compiled' ? { engine, device: on, threads } : { engine };
const model = createRefClip({ words: 10_000 });
const weights = initializeParameters(model.parameters, 1);
const random = new CounterRandom(1);
const sizeOf = (shape: readonly number[]) => shape.reduce((product, d) => product * d, 1);
const filled = (specs: Readonly<Record<string, TensorSpec>>): NamedHostTensors =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { shape, dtype }]) => {
      const stream = random.stream(name);
      const size = sizeOf(shape);
      if (dtype === 'uint8') return [name, hostTensor(Uint8Array.from(stream.integers(size, 256)), shape)];
      return [name, hostTensor(dtype === 'int32' ? stream.integers(size, 10_000) : stream.uniform(size), shape)];
    }),
  );

/** One thing to time. */
type Contestant = () => Promise<Timing>;
/** A program on fixed inputs. */
type Run = () => Promise<NamedHostTensors>;
const timed =
  (run: Run): Contestant =>
  async () => {
    const started = performance.now();
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - started, cpuMs: (user + system) / 1000 };
  };

async function forwardOn(engineOptions: EngineOptions): Promise<Run> {
  const engine = await createEngine({ ...engineOptions, lowerings: [deformConv2dLowering] });
  const { inputSize, maxTokens } = model.options;
  const inputs = {
    images: { shape: [1, inputSize, inputSize, 3], dtype: 'uint8' },
    tokens: { shape: [1, maxTokens], dtype: 'int32' },
  } as const;
  const executable = await compileModel(engine, {
    name: 'forward',
    inputs,
    values: weights,
    run: (scope, { images, tokens }) => {
      const { anchors, boxes } = model.embedImages(scope, model.detectorOutputs(scope, images as tf.Tensor4D));
      return { anchors, boxes, texts: model.embedTexts(scope, tokens as tf.Tensor2D) };
    },
  });
  const feeds = filled(inputs);
  return () => executable.run(feeds);
}

async function stepOn(engineOptions: EngineOptions): Promise<Run> {
  const batch = 4;
  const engine = await createEngine(engineOptions);
  const specs = model.detectorOutputSpecs(batch);
  const step = createTrainStep({
    loss: (scope, inputs) => model.trainLoss(scope, inputs),
    batch: { ...specs, tokens: { shape: [batch, model.options.maxTokens], dtype: 'int32' } },
    values: weights,
    trainable: model.isTrainable,
    maxGradientNorm: 0.15,
  });
  const executable = await engine.compileStateful(step.program, { name: 'step', ...step });
  const feeds = {
    ...filled({ ...specs, tokens: { shape: [batch, model.options.maxTokens], dtype: 'int32' } }),
    learningRate: hostTensor(Float32Array.of(1e-4), []),
    ...drawMasks(step.masks, random),
  };
  return () => executable.step(feeds);
}

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] as number;

/** The largest difference between the same outputs, as a part of the largest number of each. */
function largestDifference(a: NamedHostTensors, b: NamedHostTensors): number {
  const parts = Object.keys(b).map((key) => {
    const [left = [], right = []] = [a[key]?.data, b[key]?.data];
    let [difference, size] = [0, 0];
    for (let i = 0; i < right.length; i++) {
      const [x, y] = [left[i] ?? Number.NaN, right[i] as number];
      difference = Math.max(difference, Number.isNaN(x - y) ? Number.POSITIVE_INFINITY : Math.abs(x - y));
      size = Math.max(size, Math.abs(y));
    }
    return difference / (size || 1);
  });
  return Math.max(...parts);
}

/** Runs all contestants in turns; the first round warms up. */
async function compare(contestants: Readonly<Record<string, Contestant>>): Promise<Record<string, Timing>> {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, [] as Timing[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(contestants)) {
      // tfjs-wasm is ten times slower than the others: two runs tell enough.
      if (name === 'wasm' && round > 2) continue;
      const timing = await run();
      if (round) times[name]?.push(timing);
      process.stderr.write(
        `round ${round}/${rounds}, ${name}: ${timing.ms.toFixed(0)} ms, processor ${timing.cpuMs.toFixed(0)} ms\n`,
      );
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, list]) => [
      name,
      { ms: Math.round(median(list.map(({ ms }) => ms))), cpuMs: Math.round(median(list.map(({ cpuMs }) => cpuMs))) },
    ]),
  );
}

/** Compiled time as a part of each other's. */
function ratiosOf({ compiled, ...others }: Record<string, Timing>): Record<string, Timing> {
  const part = (a = Number.NaN, b = Number.NaN) => Number((a / b).toFixed(2));
  return Object.fromEntries(
    Object.entries(others).map(([name, { ms, cpuMs }]) => [
      `compiled/${name}`,
      { ms: part(compiled?.ms, ms), cpuMs: part(compiled?.cpuMs, cpuMs) },
    ]),
  );
}

const loadBefore = loadavg()[0] as number;
const python = findPython(['torch', 'torchvision']);
const peer = python
  ? new PythonPeer({
      python,
      script: fileURLToPath(new URL('pytorch-peer.py', import.meta.url)),
      env: { PEER_THREADS: `${threads ?? ''}`, PEER_DEVICE: device === 'cuda' ? 'cuda' : 'cpu' },
    })
  : undefined;
const engines = options['no-wasm'] ? (['compiled'] as const) : (['compiled', 'wasm'] as const);
const results: Record<string, Record<string, Timing>> = {};
/** How far the device's first outputs are from the processor's. */
const differences: Record<string, number> = {};
for (const [what, on] of [
  ['forward', forwardOn],
  ['step', stepOn],
] as const) {
  if (options.only && options.only !== what) continue;
  const contestants: Record<string, Contestant> = {};
  for (const engine of engines) {
    const run = await on(onEngine(engine));
    contestants[engine] = timed(run);
    if (engine === 'compiled' && device !== 'cpu') {
      const reference = await on(onEngine(engine, 'cpu'));
      differences[what] = Number(largestDifference(await run(), await reference()).toPrecision(2));
    }
  }
  if (peer) contestants.pytorch = () => peer.run(what);
  if (peer && what === 'forward') contestants.official = () => peer.run('official');
  results[what] = await compare(contestants);
}
peer?.stop();
const report = {
  bench: 'full-size',
  medians: results,
  device,
  ...(device === 'cpu' ? {} : { differencesFromProcessor: differences }),
  threads: threads ?? 'one per core',
  ratios: Object.fromEntries(Object.entries(results).map(([what, row]) => [what, ratiosOf(row)])),
  rounds,
  processor: `${cpus()[0]?.model}, ${availableParallelism()} threads`,
  load: { before: loadBefore, after: loadavg()[0] },
  peer: peer?.about ?? 'none',
};
for (const [what, row] of Object.entries(results)) {
  console.log(`${what}, medians:`);
  console.table(row);
}
console.log(JSON.stringify(report));
if (options.json) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
process.exit(0);
