import { readFileSync } from 'node:fs';
import { createScope, createTrainStep, declareParameters, loadParameters, type Scope, toFileLayout } from '@refclip/nn';
import { type Engine, type HostTensor, hostTensor, type NamedHostTensors, type Program } from '@refclip/runtime';
import { fnv1a, generateTensor, mulberry32 } from '@refclip/testing';
import type * as tf from '@tensorflow/tfjs';
import { createRefClip, type RefClip } from '../src/index.js';

const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** The full-size model on running statistics (`eval`, `train`), from PyTorch in float32. */
export const frozenNumbers = readJson('__fixtures__/refclip-refcoco.json');
/** The same with the detector on batch statistics, from PyTorch in float64 (`detector-batch-norm.py`). */
export const batchNumbers = readJson('__fixtures__/refclip-batch-norm.json');

const shapes: Readonly<Record<string, number[]>> = readJson('../src/model/__fixtures__/state-dict-refcoco.json');
const { vocab, image } = frozenNumbers.config;

/** Images of the fixtures, and the side of one. */
export const batch = 3;
export const side = 416;

/** The model of the fixtures. */
export const parityModel = (change: object = {}): RefClip => createRefClip({ words: vocab, ...change });

/** Every tensor of the model, in the memory layout. */
export function parityValues(model: RefClip): NamedHostTensors {
  const files = Object.entries(shapes).map(([name, shape]): [string, HostTensor] => [
    name,
    hostTensor(generateTensor(name, shape), shape),
  ]);
  return loadParameters(model.parameters, Object.fromEntries(files), { where: 'parity weights' });
}

/** int32 `[3, 15]`. */
export const parityTokens = (): HostTensor => hostTensor(Int32Array.from(frozenNumbers.tokens.flat()), [batch, 15]);

/** Normalized, `[3, 416, 416, 3]`. */
export function parityImages(): HostTensor {
  const pixels = mulberry32(fnv1a(image), batch * 3 * side * side);
  const images = new Float32Array(pixels.length);
  for (let b = 0; b < batch; b++)
    for (let c = 0; c < 3; c++)
      for (let p = 0; p < side * side; p++)
        images[(b * side * side + p) * 3 + c] = (pixels[(b * 3 + c) * side * side + p] as number) * 4 - 2;
  return hostTensor(images, [batch, side, side, 3]);
}

/** Runs a program of the model once. */
export async function runOnce(
  engine: Engine,
  values: NamedHostTensors,
  program: (scope: Scope, inputs: Readonly<Record<string, tf.Tensor>>) => Readonly<Record<string, tf.Tensor>>,
  inputs: NamedHostTensors,
): Promise<NamedHostTensors> {
  const { parameters } = declareParameters((scope, given) => program(scope, given), inputs);
  const constants = Object.fromEntries(parameters.map(({ name }) => [name, values[name] as HostTensor]));
  const compiled: Program = (given, weights) => program(createScope(weights, { training: false }).scope, given);
  const executable = await engine.compile(compiled, { name: 'parity', inputs, constants });
  const results = await executable.run(inputs);
  await executable.dispose();
  return results;
}

/** What one training step made, with tensors in the layout of files. */
export interface TrainedOnce {
  readonly loss: number;
  readonly gradientNorm: number;
  /** What the loss reports besides. */
  readonly metrics: NamedHostTensors;
  /** `gradient` before clipping. */
  tensor(kind: 'gradient' | 'statistic' | 'parameter' | 'ema', name: string): ArrayLike<number>;
}

/** One step of training with the published settings, at rate 1e-4. */
export async function trainOnce(
  engine: Engine,
  values: NamedHostTensors,
  {
    loss,
    trainable,
    inputs,
  }: {
    readonly loss: Parameters<typeof createTrainStep>[0]['loss'];
    readonly trainable: (name: string) => boolean;
    readonly inputs: NamedHostTensors;
  },
): Promise<TrainedOnce> {
  const step = createTrainStep({
    loss,
    batch: inputs,
    values,
    trainable,
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-9 },
    maxGradientNorm: 0.15,
  });
  const executable = await engine.compileStateful(step.program, { name: 'step', ...step });
  const learningRate = hostTensor(Float32Array.of(1e-4), []);
  const outputs = await executable.step({ ...inputs, learningRate });
  const state = await executable.readState();
  await executable.dispose();
  const specs = new Map(step.specs.map((spec) => [spec.name, spec]));
  const gradientNorm = outputs.gradientNorm?.data[0] as number;
  const inFile = (key: string, name: string) => {
    const spec = specs.get(name);
    const tensor = state[`${key}/${name}`];
    if (!spec || !tensor) throw new Error(`the step has no ${key}/${name}`);
    return toFileLayout(spec, tensor).data;
  };
  // After one step the first moment is a tenth of the clipped gradient.
  const clip = Math.min(1, 0.15 / (gradientNorm + 1e-6));
  return {
    loss: outputs.loss?.data[0] as number,
    gradientNorm,
    metrics: outputs,
    tensor: (kind, name) =>
      kind === 'gradient' ? inFile('adam.m', name).map((m) => (10 * m) / clip) : inFile(kind, name),
  };
}

/** NHWC as the fixtures have it, NCHW. */
export function nchw({ data, shape }: HostTensor): Float32Array {
  const [images = 1, height = 1, width = 1, channels = 1] = shape;
  const result = new Float32Array(data.length);
  let at = 0;
  for (let b = 0; b < images; b++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) result[at++] = data[((b * height + y) * width + x) * channels + c] as number;
  return result;
}
