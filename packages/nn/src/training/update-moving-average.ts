import type { NamedTensors } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

/** RefCLIP's limit of the decay. */
export const MOVING_AVERAGE_DECAY = 0.9997;

/**
 * Exponential moving average: `a ← a + (1−d)·(x − a)`, `d = min(decay, (1+t)/(10+t))`, so that it follows fast at first.
 *
 * @param averages  by name; int32 tensors (counters) are not averaged, they take the current value.
 * @param values  what is averaged, by the same names.
 * @param updates  scalar t, the number of updates before this one: 0 in the first, so d = 0.1.
 * @param decay  limit of d in [0, 1). Default 0.9997.
 */
export function updateMovingAverage(
  averages: NamedTensors,
  values: NamedTensors,
  updates: tf.Tensor,
  decay = MOVING_AVERAGE_DECAY,
): NamedTensors {
  const t = tf.cast(updates, 'float32');
  // 1 − d, without the rounding of a difference near zero.
  const entering = tf.maximum(tf.div(9, tf.add(t, 10)), 1 - decay);
  const next = Object.entries(averages).map(([name, average]) => {
    const value = values[name] as tf.Tensor;
    if (average.dtype !== 'float32') return [name, tf.clone(value)];
    return [name, tf.add(average, tf.mul(tf.sub(value, average), entering))];
  });
  return Object.fromEntries(next);
}
