import type { HostTensor, NamedHostTensors } from '@refclip/runtime';
import type { MaskSpec } from '../parameters/parameter-spec.js';
import type { CounterRandom } from '../random/counter-random.js';

/**
 * Dropout masks for one step, as inputs of a training program.
 *
 * @param random  the step's stream, e.g. `random.stream('dropout', step)`; each mask draws from a stream of its own.
 * @returns `mask/<path>`: bool, 1 (kept) with probability `1 − rate`.
 */
export function drawMasks(masks: readonly MaskSpec[], random: CounterRandom): NamedHostTensors {
  const drawn = masks.map(({ name, shape, rate }): [string, HostTensor] => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return [`mask/${name}`, { shape, dtype: 'bool', data: random.stream(name).bernoulli(size, 1 - rate) }];
  });
  return Object.fromEntries(drawn);
}
