import type * as tf from '@tensorflow/tfjs';
import type { Program, StatefulProgram } from '../types.js';

/** Prefixes that keep the four families of names of a stateful program apart in one graph. */
export const stateNames = { state: 'state/', input: 'input/', next: 'next/', output: 'output/' } as const;

/** The same values with a prefix before each name. */
export function prefixed<T>(prefix: string, values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

/** The values whose name has the prefix, without it. */
export function unprefixed<T>(prefix: string, values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}

/** A stateful program as a plain one over prefixed names. */
export function statefulAsProgram(program: StatefulProgram): Program {
  return (tensors, constants) => {
    const { state, outputs } = program(
      unprefixed<tf.Tensor>(stateNames.state, tensors),
      unprefixed(stateNames.input, tensors),
      constants,
    );
    return { ...prefixed(stateNames.next, state), ...prefixed(stateNames.output, outputs) };
  };
}
