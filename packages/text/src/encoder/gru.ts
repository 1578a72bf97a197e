import { type Scope, uniformInitializer } from '@refclip/nn';
import * as tf from '@tensorflow/tfjs';

/**
 * A one-layer gated recurrent unit in PyTorch's form, from a zero state over all positions.
 *
 * `r = σ(W_ir x + b_ir + W_hr h + b_hr)`, `z` alike, `n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn))`, `h' = (1 − z) ∘ n + z ∘ h`.
 * The products with x of all positions are one matrix product.
 *
 * @param x  `[B, T, D]`
 * @returns `[B, T, hidden]`, the state after each position.
 * @see Cho et al. 2014, Learning phrase representations using RNN encoder–decoder
 */
export function gru(scope: Scope, x: tf.Tensor3D, { hidden }: { readonly hidden: number }): tf.Tensor3D {
  const [batch, length, inputs] = x.shape;
  const uniform = uniformInitializer(1 / Math.sqrt(hidden));
  const gates = 3 * hidden;
  const inputWeight = scope.parameter('weight_ih_l0', [inputs, gates], uniform, 'linear') as tf.Tensor2D;
  const stateWeight = scope.parameter('weight_hh_l0', [hidden, gates], uniform, 'linear') as tf.Tensor2D;
  const inputBias = scope.parameter('bias_ih_l0', [gates], uniform);
  const stateBias = scope.parameter('bias_hh_l0', [gates], uniform);
  const fromInput = tf.add(tf.matMul(tf.reshape(x, [batch * length, inputs]), inputWeight), inputBias);
  const steps = tf.unstack(tf.reshape(fromInput, [batch, length, gates]), 1); // T × [B, 3·hidden]
  let state: tf.Tensor = tf.zeros([batch, hidden]);
  const states = steps.map((step) => {
    const [inputReset, inputUpdate, inputNew] = tf.split(step, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const fromState = tf.add(tf.matMul(state as tf.Tensor2D, stateWeight), stateBias);
    const [stateReset, stateUpdate, stateNew] = tf.split(fromState, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const reset = tf.sigmoid(tf.add(inputReset, stateReset));
    const update = tf.sigmoid(tf.add(inputUpdate, stateUpdate));
    const candidate = tf.tanh(tf.add(inputNew, tf.mul(reset, stateNew)));
    state = tf.add(candidate, tf.mul(update, tf.sub(state, candidate)));
    return state;
  });
  return tf.stack(states, 1) as tf.Tensor3D;
}
