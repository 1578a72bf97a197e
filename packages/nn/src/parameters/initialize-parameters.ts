import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import { CounterRandom } from '../random/counter-random.js';
import type { ParameterSpec } from './parameter-spec.js';

/**
 * First values of a model's tensors. Each tensor draws from a stream of its own, named after it, so that its values
 * depend on the seed and its name alone.
 *
 * @returns parameters and statistics by name, in the memory layout.
 */
export function initializeParameters(specs: readonly ParameterSpec[], seed: number): NamedHostTensors {
  const random = new CounterRandom(seed).stream('parameters');
  const values: Record<string, HostTensor> = {};
  for (const spec of specs) {
    const data = spec.initializer(spec.shape, random.stream(spec.name));
    values[spec.name] = {
      shape: spec.shape,
      dtype: spec.dtype,
      data: spec.dtype === 'int32' ? Int32Array.from(data) : data,
    };
  }
  return values;
}
