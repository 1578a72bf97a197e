import type { NamedTensors } from '@refclip/runtime';
import { RefclipError, WeightsError } from '@refclip/structures';
import type * as tf from '@tensorflow/tfjs';
import type { ParameterSpec } from './parameter-spec.js';
import { Scope } from './scope.js';

/** How a scope over given tensors behaves. */
export interface CreateScopeOptions {
  readonly training: boolean;
  /** Dropout masks by path, 1 where a value is kept. Absent: no dropout. */
  readonly masks?: NamedTensors;
}

/** A scope and what its layers made of the statistics. */
export interface ScopeWithStatistics {
  readonly scope: Scope;
  /** New values of the statistics that layers updated since the scope was made. */
  updatedStatistics(): NamedTensors;
}

/**
 * The root scope over the tensors of a model.
 *
 * @param values  parameters and statistics by name, in the memory layout; more than a program asks for is allowed.
 * @throws {WeightsError} from a layer that asks for a name that is not there, or for another shape.
 */
export function createScope(values: NamedTensors, { training, masks }: CreateScopeOptions): ScopeWithStatistics {
  const updated: Record<string, tf.Tensor> = {};
  const nameMask = createMaskNames();
  const source = {
    tensor: (spec: ParameterSpec) => {
      const value = values[spec.name];
      if (!value) throw new WeightsError('createScope', { missing: [spec.name] });
      if (value.shape.join() !== spec.shape.join()) {
        const mismatched = [{ name: spec.name, expected: spec.shape, actual: value.shape }];
        throw new WeightsError('createScope', { mismatched });
      }
      return value;
    },
    update: (name: string, value: tf.Tensor) => {
      updated[name] = value;
    },
    mask: (spec: { name: string }) => {
      if (!masks) return undefined;
      const name = nameMask(spec.name);
      const mask = masks[name];
      if (!mask) throw new RefclipError('weights', `createScope: no mask for the dropout ${name}. Give all or none.`);
      return mask;
    },
  };
  return { scope: new Scope(source, '', training), updatedStatistics: () => ({ ...updated }) };
}

/** Names masks after their path; a second dropout at the same path gets `path:1`, and so on, in the order of calls. */
export function createMaskNames(): (path: string) => string {
  const counts = new Map<string, number>();
  return (path) => {
    const count = counts.get(path) ?? 0;
    counts.set(path, count + 1);
    return count === 0 ? path : `${path}:${count}`;
  };
}
