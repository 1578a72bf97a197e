import { RefclipError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { onesInitializer, zerosInitializer } from '../parameters/initializers.js';
import type { Scope } from '../parameters/scope.js';

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Which statistics normalize: the batch's (and the running ones move) or the running ones. Default the scope's. */
  readonly mode?: 'batch' | 'running';
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Weight of the batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /**
   * How often each value of `x` stands in the map that `x` is short for, e.g. 4 before a nearest ×2 upsampling that was
   * moved behind the layer. Mean and biased variance are the same; the unbiased one counts all of them. Default 1.
   */
  readonly repeats?: number;
}

/**
 * Batch normalization over all axes but the last, as PyTorch's `BatchNorm2d`.
 *
 * `y = (x − mean)/√(variance + ε)·weight + bias`. In batch mode the biased variance (division by n) normalizes and the
 * unbiased one (n − 1) goes into `running_var`. Parameters `weight`, `bias`; statistics `running_mean`, `running_var`,
 * `num_batches_tracked`.
 *
 * @param x  `[…, C]`
 * @throws {RefclipError} in batch mode with fewer than two values per channel.
 * @see Ioffe and Szegedy 2015, Batch Normalization
 */
export function batchNorm<T extends tf.Tensor>(scope: Scope, x: T, options: BatchNormOptions = {}): T {
  const { mode = scope.training ? 'batch' : 'running', epsilon = 1e-5, momentum = 0.1, repeats = 1 } = options;
  const channels = x.shape[x.shape.length - 1] as number;
  const weight = scope.parameter('weight', [channels], onesInitializer);
  const bias = scope.parameter('bias', [channels], zerosInitializer);
  const runningMean = scope.statistic('running_mean', [channels], zerosInitializer);
  const runningVariance = scope.statistic('running_var', [channels], onesInitializer);
  const batches = scope.statistic('num_batches_tracked', [], zerosInitializer, 'int32');
  if (mode === 'running') {
    const scale = tf.mul(weight, tf.rsqrt(tf.add(runningVariance, epsilon)));
    return tf.add(tf.mul(x, scale), tf.sub(bias, tf.mul(runningMean, scale)));
  }
  const count = (x.size / channels) * repeats;
  if (count < 2) {
    throw new RefclipError(
      'shape',
      `batchNorm ${scope.path}: ${count} value per channel in [${x.shape}]; batch statistics need 2 or more. ` +
        'Use a larger batch or map, or running statistics.',
    );
  }
  const mean = meanPerChannel(x);
  const centered = tf.sub(x, mean);
  const variance = meanPerChannel(tf.square(centered));
  const move = (running: tf.Tensor, batch: tf.Tensor) => tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum));
  scope.updateStatistic('running_mean', move(runningMean, mean));
  scope.updateStatistic('running_var', move(runningVariance, tf.mul(variance, count / (count - 1))));
  scope.updateStatistic('num_batches_tracked', tf.add(batches, tf.scalar(1, 'int32')));
  return tf.add(tf.mul(centered, tf.mul(weight, tf.rsqrt(tf.add(variance, epsilon)))), bias);
}

/**
 * Mean over all axes but the last, one axis after the other: engines add float32 one by one, and a map of 10⁵ pixels loses two digits when it is summed in one go.
 */
function meanPerChannel(x: tf.Tensor): tf.Tensor {
  let means = x;
  while (means.rank > 1) means = tf.mean(means, means.rank - 2);
  return means;
}
