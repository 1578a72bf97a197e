// What the parity tests of both students share: fixtures, generated weights, programs on the compiled engine, comparison with summaries.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createScope,
  createTrainStep,
  type LossResult,
  loadParameters,
  type ParameterSpec,
  type Scope,
  toFileLayout,
} from '@refclip/nn';
import type { ReferringModel } from '@refclip/referring';
import {
  createEngine,
  type Engine,
  type HostTensor,
  hostTensor,
  type NamedHostTensors,
  type NamedTensors,
} from '@refclip/runtime';
import {
  compareSummary,
  type ElementRule,
  generateTensor,
  type SummaryTolerance,
  type TensorSummary,
} from '@refclip/testing';
import { expect } from 'vitest';

const folder = process.env.REFCLIP_SHARED;
if (!folder) throw new Error('Set REFCLIP_SHARED to the folder that holds fixtures/parity.');

/** A fixture of `fixtures/parity`. */
export const readParity = (name: string) => JSON.parse(readFileSync(join(folder, 'fixtures/parity', name), 'utf8'));

/** Every tensor of a model generated from its name, in memory layout, after comparing the names with the official ones. */
export function generatedWeights(
  model: ReferringModel,
  shapes: Readonly<Record<string, readonly number[]>>,
  rule: ElementRule,
): NamedHostTensors {
  const files = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, hostTensor(generateTensor(name, shape, rule), shape)]),
  );
  return loadParameters(model.parameters, files, { where: 'parity weights' });
}

/** `[B, H, W, C]` in the order of `[B, C, H, W]`. */
export function channelsFirst({ data, shape }: HostTensor): Float32Array {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  return reorder(data, batch, height * width, channels);
}

/** Pixels `[B, 3, S, S]` in [0, 1] as the images `[B, S, S, 3]` that a model reads, in 0 … 255. */
export function imagesOf(pixels: Float32Array, batch: number, side: number): HostTensor {
  const data = reorder(pixels, batch, 3, side * side);
  return hostTensor(
    data.map((value) => value * 255),
    [batch, side, side, 3],
  );
}

/** `[B, rows, columns]` as `[B, columns, rows]`. */
function reorder(data: ArrayLike<number>, batch: number, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  let at = 0;
  for (let b = 0; b < batch; b++)
    for (let column = 0; column < columns; column++)
      for (let row = 0; row < rows; row++) result[at++] = data[(b * rows + row) * columns + column] as number;
  return result;
}

/** Asserts that a tensor is the one that a fixture describes. */
export function expectSummary(
  what: string,
  data: ArrayLike<number> | undefined,
  expected: TensorSummary,
  tolerance: number | SummaryTolerance,
): void {
  const both = typeof tolerance === 'number' ? { norm: tolerance, samples: tolerance } : tolerance;
  expect(compareSummary(data ?? [], expected, both), what).toEqual([]);
}

/** A compiled engine, closed by the test file. */
export const openEngine = (): Promise<Engine> => createEngine({ engine: 'compiled' });

/** Runs layers once in inference mode, the weights as constants. */
export async function runOnce(
  engine: Engine,
  name: string,
  layers: (scope: Scope, inputs: NamedTensors) => NamedTensors,
  inputs: NamedHostTensors,
  values: NamedHostTensors,
): Promise<NamedHostTensors> {
  const program = (given: NamedTensors, weights: NamedTensors) =>
    layers(createScope(weights, { training: false }).scope, given);
  const executable = await engine.compile(program, { name, inputs, constants: values });
  const outputs = await executable.run(inputs);
  await executable.dispose();
  return outputs;
}

/** What one training step left behind. */
export interface StepResult {
  readonly outputs: NamedHostTensors;
  /** A tensor of the state in PyTorch's layout, e.g. `('ema', 'head.stems.0.bn.bias')`. */
  readonly inFile: (key: 'parameter' | 'statistic' | 'ema' | 'adam.m', name: string) => Float32Array;
  /** The gradient before clipping, from the first moment. */
  readonly gradient: (name: string) => Float32Array;
  readonly has: (key: string, name: string) => boolean;
}

/** One step of the official optimizer settings: Adam with betas 0.9 and 0.98, epsilon 1e-9, clipping at 0.15, rate 1e-4. */
export async function runStep(
  engine: Engine,
  model: ReferringModel,
  loss: (scope: Scope, inputs: NamedTensors) => LossResult,
  batch: NamedHostTensors,
  values: NamedHostTensors,
): Promise<StepResult> {
  const plain = createTrainStep({
    loss,
    batch,
    values,
    trainable: model.isTrainable,
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-9 },
    maxGradientNorm: 0.15,
  });
  const training = await engine.compileStateful(plain.program, { name: `${model.name} step`, ...plain });
  const outputs = await training.step({ ...batch, learningRate: hostTensor(Float32Array.of(1e-4), []) });
  const state = await training.readState();
  await training.dispose();
  const specs = new Map(model.parameters.map((spec) => [spec.name, spec]));
  const inFile: StepResult['inFile'] = (key, name) =>
    toFileLayout(specs.get(name) as ParameterSpec, state[`${key}/${name}`] as HostTensor).data as Float32Array;
  const clip = Math.min(1, 0.15 / ((outputs.gradientNorm?.data[0] as number) + 1e-6));
  return {
    outputs,
    inFile,
    // After one step the first moment is a tenth of the clipped gradient.
    gradient: (name) => inFile('adam.m', name).map((m) => (10 * m) / clip),
    has: (key, name) => `${key}/${name}` in state,
  };
}
