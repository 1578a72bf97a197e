import { fnv1a, mulberry32 } from './generators.js';

/** A tensor of a parity fixture in short: size, moments and some elements. */
export interface TensorSummary {
  readonly size: number;
  readonly l2: number;
  readonly mean: number;
  /** Indices of the sampled elements, in the order of PyTorch's layout. */
  readonly at: readonly number[];
  readonly values: readonly number[];
}

/** How far a tensor may be from its summary. */
export interface SummaryTolerance {
  /** Of the L2 norm, relative. */
  readonly norm: number;
  /** Of each sampled element, relative to the tensor's root mean square. */
  readonly samples: number;
  /** Of the sampled elements together: their difference's root mean square, relative to the tensor's. Default none. */
  readonly together?: number;
}

/**
 * Compares a tensor with its summary.
 *
 * @param data  in the order of PyTorch's layout.
 * @returns what is wrong, empty when nothing is.
 */
export function compareSummary(
  data: ArrayLike<number>,
  expected: TensorSummary,
  { norm, samples, together = Number.POSITIVE_INFINITY }: SummaryTolerance,
): string[] {
  if (data.length !== expected.size) return [`size ${data.length}, expected ${expected.size}`];
  let [sum, squares] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    sum += value;
    squares += value * value;
  }
  const problems: string[] = [];
  const rms = expected.l2 / Math.sqrt(expected.size);
  const l2 = Math.sqrt(squares);
  if (!(Math.abs(l2 - expected.l2) <= norm * expected.l2)) problems.push(`l2 ${l2}, expected ${expected.l2}`);
  const mean = sum / data.length;
  if (!(Math.abs(mean - expected.mean) <= norm * rms)) problems.push(`mean ${mean}, expected ${expected.mean}`);
  expected.at.forEach((at, i) => {
    const [actual, value] = [data[at] as number, expected.values[i] as number];
    if (!(Math.abs(actual - value) <= samples * rms)) problems.push(`[${at}] ${actual}, expected ${value}`);
  });
  const differences = expected.at.map((at, i) => (data[at] as number) - (expected.values[i] as number));
  const difference = Math.hypot(...differences) / Math.sqrt(differences.length) / rms;
  if (!(difference <= together)) problems.push(`samples differ by ${difference} of the tensor's rms`);
  return problems;
}

/** How the uniform numbers of a generated tensor become its elements. */
export type ElementRule = (name: string, shape: readonly number[]) => ((u: number, at: number) => number) | undefined;

/**
 * A tensor generated from its name, as the parity fixtures define them: float32, in PyTorch's layout.
 *
 * @param own  rules of a fixture that go before the general ones.
 */
export function generateTensor(
  name: string,
  shape: readonly number[],
  own: ElementRule = () => undefined,
): Float32Array {
  const uniforms = mulberry32(
    fnv1a(name),
    shape.reduce((product, dimension) => product * dimension, 1),
  );
  const rule = own(name, shape) ?? generalRule(name, shape);
  const values = new Float32Array(uniforms.length);
  for (let at = 0; at < values.length; at++) values[at] = rule(uniforms[at] as number, at);
  return values;
}

/** Uniform numbers scaled to the variance `gain²/fanIn`, fanIn = product of all dimensions but the first. */
export function scaledUniform(shape: readonly number[], gain: number): (u: number) => number {
  const fanIn = shape.slice(1).reduce((product, dimension) => product * dimension, 1);
  return (u) => (2 * u - 1) * Math.sqrt(3 / fanIn) * gain;
}

function generalRule(name: string, shape: readonly number[]): (u: number) => number {
  if (name.endsWith('.num_batches_tracked')) return () => 0;
  if (name.endsWith('.running_var')) return (u) => 0.75 + 0.5 * u;
  if (name.endsWith('.running_mean')) return (u) => 0.2 * (u - 0.5);
  if (/(batch_norm|norm1|norm2)\.weight$/.test(name)) return (u) => 0.9 + 0.2 * u;
  if (shape.length === 1) return (u) => 0.2 * (u - 0.5);
  if (name.includes('embedding')) return (u) => 2 * u - 1;
  const convolution = name.includes('.module_list.') && name.endsWith('.1.conv.weight') ? 0.4 : 1.35;
  return scaledUniform(shape, shape.length === 4 ? convolution : name.startsWith('linear_') ? 0.3 : 1);
}
