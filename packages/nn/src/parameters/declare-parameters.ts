import { type NamedTensors, recordProgram, type TensorSpec } from '@refclip/runtime';
import { RefclipError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { createMaskNames } from './create-scope.js';
import type { MaskSpec, ParameterSpec } from './parameter-spec.js';
import { Scope } from './scope.js';

/** What a program asks its scope for. */
export interface Declaration {
  /** Parameters and statistics in the order in which the program first asks for them. */
  readonly parameters: ParameterSpec[];
  readonly masks: MaskSpec[];
  /** Names of the statistics that the program updates. */
  readonly updatedStatistics: string[];
}

/**
 * Runs a program on the recording backend, which computes nothing, to learn its parameters, statistics and dropout masks.
 *
 * @param program  layers called on a scope in training mode; what it returns is ignored.
 * @param inputs  shapes and types of its inputs.
 * @throws {RefclipError} when one name is asked for with two shapes.
 */
export function declareParameters(
  program: (scope: Scope, inputs: NamedTensors) => unknown,
  inputs: Readonly<Record<string, TensorSpec>>,
): Declaration {
  const parameters = new Map<string, ParameterSpec>();
  const masks: MaskSpec[] = [];
  const updatedStatistics = new Set<string>();
  const nameMask = createMaskNames();
  const source = {
    tensor: (spec: ParameterSpec) => {
      const known = parameters.get(spec.name);
      if (known && known.shape.join() !== spec.shape.join()) {
        throw new RefclipError(
          'weights',
          `declareParameters: ${spec.name} is asked for as [${known.shape}] and as [${spec.shape}]. Rename one.`,
        );
      }
      if (!known) parameters.set(spec.name, spec);
      // `fill` is recorded as an operation; `zeros` would allocate the values.
      return tf.fill([...spec.shape], 0, spec.dtype);
    },
    update: (name: string) => {
      updatedStatistics.add(name);
    },
    mask: (spec: MaskSpec) => {
      masks.push({ ...spec, name: nameMask(spec.name) });
      return undefined;
    },
  };
  recordProgram(
    (tensors) => {
      program(new Scope(source, '', true), tensors);
      return { done: tf.fill([1], 0) };
    },
    { name: 'declareParameters', inputs, callSites: false },
  );
  return { parameters: [...parameters.values()], masks, updatedStatistics: [...updatedStatistics] };
}
