import * as tf from '@tensorflow/tfjs';
import type { Initializer } from './initializers.js';
import type { MaskSpec, ParameterLayout, ParameterSpec } from './parameter-spec.js';

/** Where a scope gets its tensors from; `createScope` and `declareParameters` bring their own. */
export interface ScopeSource {
  tensor(spec: ParameterSpec): tf.Tensor;
  update(name: string, value: tf.Tensor): void;
  /** The mask of a dropout, 1 where a value is kept; `undefined` switches it off. */
  mask(spec: MaskSpec): tf.Tensor | undefined;
}

/**
 * A place in a model's tree of names. A layer is a function `(scope, x) → y` that asks its scope for parameters; the
 * same function declares them, runs with them and trains them.
 *
 * @example
 * const hidden = linear(scope.child('fc'), x, { features: 16 }); // parameters 'fc.weight' and 'fc.bias'
 */
export class Scope {
  /** Dotted path of names; empty at the root. */
  readonly path: string;
  /** Whether layers behave as in training: BatchNorm on batch statistics, dropout on. */
  readonly training: boolean;
  readonly #source: ScopeSource;

  constructor(source: ScopeSource, path = '', training = false) {
    this.#source = source;
    this.path = path;
    this.training = training;
  }

  /** The scope below this one: `'a'` + `'b'` → `'a.b'`. */
  child(name: string | number): Scope {
    return new Scope(this.#source, this.#join(String(name)), this.training);
  }

  /** A tensor that is trained. Asking again under the same name gives the same tensor. */
  parameter(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    layout: ParameterLayout = 'plain',
  ): tf.Tensor {
    const spec = { name: this.#join(name), shape, layout, kind: 'parameter', dtype: 'float32', initializer } as const;
    return this.#source.tensor(spec);
  }

  /** A tensor that is carried along with the parameters, but not trained. */
  statistic(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    dtype: 'float32' | 'int32' = 'float32',
  ): tf.Tensor {
    const spec = { name: this.#join(name), shape, layout: 'plain', kind: 'statistic', dtype, initializer } as const;
    return this.#source.tensor(spec);
  }

  /** Gives a statistic of this scope its new value; it is collected, not applied. */
  updateStatistic(name: string, value: tf.Tensor): void {
    this.#source.update(this.#join(name), value);
  }

  /**
   * Sets elements to zero with probability `rate` and scales the rest by `1/(1 − rate)`.
   *
   * The mask is an input of the program, named after this scope's path; without masks, or outside training, the identity.
   */
  dropout(x: tf.Tensor, rate: number): tf.Tensor {
    if (!this.training || rate === 0) return x;
    const mask = this.#source.mask({ name: this.path, shape: x.shape, rate });
    return mask ? tf.mul(x, tf.mul(tf.cast(mask, 'float32'), 1 / (1 - rate))) : x;
  }

  /** The same names with inference behavior: BatchNorm on running statistics, no dropout. */
  frozen(): Scope {
    return new Scope(this.#source, this.path, false);
  }

  #join(name: string): string {
    return this.path ? `${this.path}.${name}` : name;
  }
}
