import type { Initializer } from './initializers.js';

/**
 * How a tensor's memory layout and its layout in files are related: `plain` are the same; `conv` is `HWIO` in memory and
 * `OIHW` in files; `linear` is `[in, out]` in memory and `[out, in]` in files.
 */
export type ParameterLayout = 'plain' | 'conv' | 'linear';

/** One tensor of a model. */
export interface ParameterSpec {
  /** Name in the official state_dict. */
  readonly name: string;
  /** Shape in memory. */
  readonly shape: readonly number[];
  readonly layout: ParameterLayout;
  /** Trained by gradient, or carried along as a statistic (running mean, running variance, batch count). */
  readonly kind: 'parameter' | 'statistic';
  /** `int32` for counters; these are never averaged. */
  readonly dtype: 'float32' | 'int32';
  readonly initializer: Initializer;
}

/** One dropout of a model: its mask is an input of the training program. */
export interface MaskSpec {
  /** Path of the scope that drops. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Probability of a zero, in [0, 1). */
  readonly rate: number;
}
