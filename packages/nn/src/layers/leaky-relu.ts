import * as tf from '@tensorflow/tfjs';

/** `x` where positive, `slope·x` elsewhere; the derivative at 0 is the slope, as in PyTorch. Default slope 0.1. */
export function leakyRelu<T extends tf.Tensor>(x: T, slope = 0.1): T {
  return tf.leakyRelu(x, slope);
}
