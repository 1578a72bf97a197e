import * as tf from '@tensorflow/tfjs';
import { withoutGradient } from './without-gradient.js';

/** The same values, through which no gradient flows back. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return withoutGradient((input: T) => tf.clone(input), x);
}
