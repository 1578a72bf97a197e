import * as tf from '@tensorflow/tfjs';

/**
 * The result of a function as a constant: its inputs get no gradient, and what it calls needs none defined (comparisons, top-k).
 *
 * @example
 * const positive = withoutGradient((boxes) => assign(boxes), boxes);
 */
export function withoutGradient<R extends tf.Tensor, T extends tf.Tensor[]>(f: (...inputs: T) => R, ...inputs: T): R {
  // customGrad runs its function off the tape, and hands it a `save` after the inputs.
  const constant = tf.customGrad((...given) => {
    const own = given.slice(0, inputs.length) as T;
    return { value: f(...own), gradFunc: () => own.map((input) => tf.zerosLike(input)) };
  });
  return constant(...inputs) as R;
}
