import type { CounterRandom } from '../random/counter-random.js';

/** Draws the first values of a tensor: row-major, in the memory layout (`HWIO`, `[in, out]`). */
export type Initializer = (shape: readonly number[], random: CounterRandom) => Float32Array;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, dimension) => product * dimension, 1);

/** Every element the same. */
export function constantInitializer(value: number): Initializer {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/** Zeros: biases after a normalization, running means. */
export const zerosInitializer: Initializer = constantInitializer(0);

/** Ones: scales of normalizations, running variances. */
export const onesInitializer: Initializer = constantInitializer(1);

/** Uniform in [−bound, bound), as PyTorch's GRU (`bound = 1/√hidden`) and the biases of its layers (`1/√fanIn`). */
export function uniformInitializer(bound: number): Initializer {
  return (shape, random) => random.uniform(sizeOf(shape), -bound, bound);
}

/** Normal, as PyTorch's embeddings (mean 0, standard deviation 1). */
export function normalInitializer(standardDeviation = 1, mean = 0): Initializer {
  return (shape, random) => random.normal(sizeOf(shape), mean, standardDeviation);
}

/**
 * PyTorch's default for convolutions and linear layers: Kaiming uniform with slope √5, that is uniform in ±1/√fanIn.
 *
 * `fanIn` is the product of all dimensions of the memory layout but the last.
 *
 * @see He et al. 2015, Delving deep into rectifiers, eq. 10; `gain = √(2/(1 + slope²))`, `bound = gain·√(3/fanIn)`
 */
export const kaimingUniformInitializer: Initializer = (shape, random) =>
  uniformInitializer(1 / Math.sqrt(fanInOf(shape)))(shape, random);

/** Inputs that one output of a layer sees: the product of all dimensions of the memory layout but the last. */
export function fanInOf(shape: readonly number[]): number {
  return sizeOf(shape.slice(0, -1));
}
