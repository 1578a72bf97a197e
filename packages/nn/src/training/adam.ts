import type { NamedTensors } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';

/** Settings of Adam. */
export interface AdamOptions {
  /** Decay of the gradient's average. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the squared gradient's average. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the corrected second moment. Default 1e-8. */
  readonly epsilon?: number;
}

/** Parameters with both moments, each by the same names. */
export interface AdamState {
  readonly parameters: NamedTensors;
  /** Average of gradients, `m`. */
  readonly first: NamedTensors;
  /** Average of squared gradients, `v`. */
  readonly second: NamedTensors;
}

/**
 * One step of Adam as PyTorch computes it.
 *
 * `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `p ← p − lr/(1−β₁ᵗ) · m / (√(v/(1−β₂ᵗ)) + ε)`.
 *
 * @param state  tensors by name; a parameter without a gradient stays as it is, its moments too.
 * @param gradients  by name.
 * @param at.step  scalar t, 1 in the first step.
 * @param at.learningRate  scalar lr.
 * @param at.gradientScale  scalar that every gradient is multiplied with first, see `clipByGlobalNorm`. Default 1.
 * @see Kingma and Ba 2015, Adam, algorithm 1
 */
export function adam(
  state: AdamState,
  gradients: NamedTensors,
  at: { readonly step: tf.Tensor; readonly learningRate: tf.Tensor; readonly gradientScale?: tf.Tensor },
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {},
): AdamState {
  const step = tf.cast(at.step, 'float32');
  const remaining = (beta: number) => tf.sub(1, tf.pow(tf.scalar(beta), step));
  // All scalars first: what is left is as few passes over the tensors as the formula allows. √v̂ + ε = c·(√v + ε/c), c = 1/√(1−β₂ᵗ).
  const correction = tf.rsqrt(remaining(beta2));
  const rate = tf.div(tf.div(at.learningRate, remaining(beta1)), correction);
  const guard = tf.div(epsilon, correction);
  const scale = at.gradientScale ?? tf.scalar(1);
  const entering = tf.mul(scale, 1 - beta1);
  const enteringSquare = tf.mul(tf.square(scale), 1 - beta2);
  const parameters: Record<string, tf.Tensor> = {};
  const first: Record<string, tf.Tensor> = {};
  const second: Record<string, tf.Tensor> = {};
  for (const [name, parameter] of Object.entries(state.parameters)) {
    const gradient = gradients[name];
    const [m, v] = [state.first[name] as tf.Tensor, state.second[name] as tf.Tensor];
    if (!gradient) {
      parameters[name] = tf.clone(parameter);
      first[name] = tf.clone(m);
      second[name] = tf.clone(v);
      continue;
    }
    const nextM = tf.add(tf.mul(m, beta1), tf.mul(gradient, entering));
    const nextV = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), enteringSquare));
    parameters[name] = tf.sub(parameter, tf.mul(rate, tf.div(nextM, tf.add(tf.sqrt(nextV), guard))));
    first[name] = nextM;
    second[name] = nextV;
  }
  return { parameters, first, second };
}
