import { uniform } from '@refclip/testing';
import type * as tf from '@tensorflow/tfjs';
import { type HostTensor, hostTensor, type NamedHostTensors, sizeOf } from '../../src/index.js';

/** The engines every case runs on. */
export const testedEngines = ['compiled', 'cpu', 'wasm'] as const;
export type TestedEngine = (typeof testedEngines)[number];

/** Engines that are known to give something else here, each with the reason. The suite checks that they still do. */
export type Exclusions = Partial<Record<TestedEngine, string>>;

/** One call of a kernel with what must come out. */
export interface ConformanceCase {
  /** The tfjs kernel that the case is about; the suite checks that the program dispatches it. */
  readonly kernel: string;
  readonly name: string;
  readonly inputs: NamedHostTensors;
  readonly run: (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor | readonly tf.Tensor[];
  /** By an obvious reference; absent: what tfjs cpu gives. */
  readonly expected?: ArrayLike<number>;
  readonly rtol?: number;
  readonly atol?: number;
  readonly except?: Exclusions;
  /** Inputs whose gradient is held against central differences. */
  readonly gradient?: readonly string[];
  readonly exceptGradient?: Exclusions;
  /** Step of the differences, default 1e-2. */
  readonly step?: number;
}

/** Seeded uniform float32 numbers in [low, high). */
export const floats = (shape: readonly number[], low = -1, high = 1, name = 'x'): HostTensor =>
  hostTensor(uniform(`${name} ${shape.join('x')}`, sizeOf(shape), low, high), shape);

/** Seeded whole numbers in [low, high). */
export const integers = (shape: readonly number[], low = -9, high = 10, name = 'i'): HostTensor =>
  hostTensor(Int32Array.from(uniform(`${name} ${shape.join('x')}`, sizeOf(shape), low, high), Math.floor), shape);

/** Seeded flags. */
export const flags = (shape: readonly number[], name = 'b'): HostTensor =>
  hostTensor(
    Uint8Array.from(uniform(`${name} ${shape.join('x')}`, sizeOf(shape), 0, 1), (u) => (u < 0.5 ? 0 : 1)),
    shape,
    'bool',
  );

/** Distinct numbers in a shuffled order, at least `gap` apart: safe for maxima and sorting. */
export function distinct(shape: readonly number[], gap = 0.1): HostTensor {
  const order = Array.from(uniform(`order ${shape.join('x')}`, sizeOf(shape)), (u, i) => [u, i] as const).sort(
    ([a], [b]) => a - b,
  );
  const data = new Float32Array(sizeOf(shape));
  order.forEach(([, i], rank) => {
    data[i] = (rank - data.length / 2) * gap;
  });
  return hostTensor(data, shape);
}

export const row = (...values: number[]): HostTensor => hostTensor(Float32Array.from(values), [values.length]);
export const wholes = (...values: number[]): HostTensor => hostTensor(Int32Array.from(values), [values.length]);
export const bits = (...values: number[]): HostTensor => hostTensor(Uint8Array.from(values), [values.length], 'bool');
export const shaped = (tensor: HostTensor, ...shape: number[]): HostTensor => ({ ...tensor, shape });

/** The input of that name; a case that misspells one fails loudly. */
export function input<T extends tf.Tensor = tf.Tensor>(inputs: Readonly<Record<string, tf.Tensor>>, name: string): T {
  const tensor = inputs[name];
  if (!tensor) throw new Error(`the case has no input ${name}`);
  return tensor as T;
}
