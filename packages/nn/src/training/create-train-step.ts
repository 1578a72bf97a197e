import type { HostTensor, NamedHostTensors, NamedTensors, StatefulProgram, TensorSpec } from '@refclip/runtime';
import { type MismatchedWeight, RefclipError, WeightsError } from '@refclip/structures';
import * as tf from '@tensorflow/tfjs';
import { createScope } from '../parameters/create-scope.js';
import { declareParameters } from '../parameters/declare-parameters.js';
import type { MaskSpec, ParameterSpec } from '../parameters/parameter-spec.js';
import type { Scope } from '../parameters/scope.js';
import { type AdamOptions, adam } from './adam.js';
import { clipByGlobalNorm } from './clip-by-global-norm.js';
import { MOVING_AVERAGE_DECAY, updateMovingAverage } from './update-moving-average.js';

/** What a loss function gives back: the scalar that is minimized, and tensors to look at. */
export interface LossResult {
  readonly loss: tf.Tensor;
  readonly metrics?: NamedTensors;
}

/** What is trained, on what, and how. */
export interface TrainStepOptions {
  /** The loss of a batch, with layers called on the scope. */
  readonly loss: (scope: Scope, batch: NamedTensors) => LossResult;
  /** Shapes and types of the batch. */
  readonly batch: Readonly<Record<string, TensorSpec>>;
  /** First values of all parameters and statistics, memory layout; names that the loss does not use are ignored. */
  readonly values: NamedHostTensors;
  /** Which parameters are trained; the others are constants of the program. Default all. */
  readonly trainable?: (name: string) => boolean;
  readonly optimizer?: AdamOptions;
  /** Limit of the gradients' joint L2 norm. Default none. */
  readonly maxGradientNorm?: number;
  /** Limit of the moving average's decay; `false` keeps no average. Default 0.9997. */
  readonly movingAverageDecay?: number | false;
}

/** A training step as one program, with everything an engine needs to compile it. */
export interface TrainStep {
  /** Forward, backward, clipping, Adam, statistics and moving average. Outputs `loss`, `gradientNorm` and the metrics. */
  readonly program: StatefulProgram;
  /** First state: `parameter/…`, `statistic/…`, `adam.m/…`, `adam.v/…`, `ema/…`, and `step`, the steps done so far. */
  readonly state: NamedHostTensors;
  /** Frozen tensors: `parameter/…` and `statistic/…`. */
  readonly constants: NamedHostTensors;
  /** The batch, the scalar `learningRate`, and `mask/…` for each dropout. */
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** What `drawMasks` needs. */
  readonly masks: readonly MaskSpec[];
  /** Every tensor that the loss uses. */
  readonly specs: readonly ParameterSpec[];
}

/**
 * Makes a training step of a loss function.
 *
 * A statistic that the loss updates is part of the state; one that it only reads is a constant. Averages are kept of
 * everything in the state that is a parameter or a statistic. A trained parameter that the loss does not depend on stays
 * as it is and does not count in the gradient norm.
 *
 * @throws {WeightsError} listing every tensor that `values` lacks or has in another shape.
 * @throws {RefclipError} when a batch input or a metric takes a reserved name.
 */
export function createTrainStep(options: TrainStepOptions): TrainStep {
  const { loss, batch, values, trainable = () => true, optimizer, maxGradientNorm } = options;
  const decay = options.movingAverageDecay ?? MOVING_AVERAGE_DECAY;
  const { parameters: specs, masks, updatedStatistics } = declareParameters(loss, batch);
  assertValues(specs, values);
  for (const name of Object.keys(batch)) {
    if (name === 'learningRate' || name.startsWith('mask/')) {
      throw new RefclipError('usage', `createTrainStep: the batch input ${name} has a reserved name. Rename it.`);
    }
  }
  const moving = new Set(updatedStatistics);
  const inState = (spec: ParameterSpec) => (spec.kind === 'parameter' ? trainable(spec.name) : moving.has(spec.name));
  const trained = specs.filter((spec) => spec.kind === 'parameter' && inState(spec)).map((spec) => spec.name);

  const state: Record<string, HostTensor> = { step: { shape: [], dtype: 'int32', data: Int32Array.of(0) } };
  const constants: Record<string, HostTensor> = {};
  for (const spec of specs) {
    const value = values[spec.name] as HostTensor;
    if (!inState(spec)) {
      constants[`${spec.kind}/${spec.name}`] = value;
      continue;
    }
    state[`${spec.kind}/${spec.name}`] = value;
    if (spec.kind === 'parameter') {
      const zeros = () => ({ ...value, data: new Float32Array(value.data.length) });
      state[`adam.m/${spec.name}`] = zeros();
      state[`adam.v/${spec.name}`] = zeros();
    }
    if (decay !== false) state[`ema/${spec.name}`] = { ...value, data: value.data.slice() };
  }

  const program: StatefulProgram = (current, inputs, frozen) => {
    const fixed = { ...unprefix(frozen, 'parameter/'), ...unprefix(frozen, 'statistic/') };
    const statistics = unprefix(current, 'statistic/');
    const parameters = unprefix(current, 'parameter/');
    const scopeOptions = { training: true, masks: unprefix(inputs, 'mask/') };
    const given = trained.map((name) => parameters[name] as tf.Tensor);
    // What the forward pass makes besides the loss; kept, because its tidy disposes everything else.
    let kept: { metrics: NamedTensors; statistics: NamedTensors } = { metrics: {}, statistics: {} };
    const forward = () => {
      const { scope, updatedStatistics: collect } = createScope(
        { ...fixed, ...statistics, ...parameters },
        scopeOptions,
      );
      const result = loss(scope, inputs);
      kept = { metrics: keepAll(result.metrics ?? {}), statistics: keepAll(collect()) };
      return result.loss as tf.Scalar;
    };
    // Not tf.valueAndGrads, which refuses parameters that the loss does not depend on.
    const { value, grads } = tf.engine().gradients(forward, given, undefined, true);
    const found = trained.flatMap((name, i) => (grads[i] ? [[name, grads[i]] as const] : []));
    const gradients = Object.fromEntries(found);
    const { scale, norm } = clipByGlobalNorm(gradients, maxGradientNorm);

    const updates = current.step as tf.Tensor;
    const step = tf.add(updates, tf.scalar(1, 'int32'));
    const moments = { parameters, first: unprefix(current, 'adam.m/'), second: unprefix(current, 'adam.v/') };
    const at = { step, learningRate: inputs.learningRate as tf.Tensor, gradientScale: scale };
    const after = adam(moments, gradients, at, optimizer);
    const metrics = release(kept.metrics);
    const moved = { ...statistics, ...release(kept.statistics) };
    const averages =
      decay === false
        ? {}
        : updateMovingAverage(unprefix(current, 'ema/'), { ...after.parameters, ...moved }, updates, decay);
    return {
      state: {
        step,
        ...prefix('parameter/', after.parameters),
        ...prefix('statistic/', moved),
        ...prefix('adam.m/', after.first),
        ...prefix('adam.v/', after.second),
        ...prefix('ema/', averages),
      },
      outputs: { ...assertMetricNames(metrics), loss: value, gradientNorm: norm },
    };
  };
  const maskInputs = masks.map(({ name, shape }) => [`mask/${name}`, { shape, dtype: 'bool' }] as const);
  const inputs: Record<string, TensorSpec> = {
    ...batch,
    learningRate: { shape: [], dtype: 'float32' },
    ...Object.fromEntries(maskInputs),
  };
  return { program, state, constants, inputs, masks, specs };
}

/**
 * The model's tensors out of a training state.
 *
 * @param average  whether to take the moving averages in place of the current values.
 * @returns parameters and statistics by their own names, constants included: what `createScope` and checkpoints need.
 */
export function modelValues(
  state: NamedHostTensors,
  constants: NamedHostTensors,
  { average }: { readonly average: boolean },
): NamedHostTensors {
  const current = [constants, state].flatMap((tensors) => [
    unprefix(tensors, 'parameter/'),
    unprefix(tensors, 'statistic/'),
  ]);
  return Object.assign({}, ...current, average ? unprefix(state, 'ema/') : {});
}

function unprefix<T>(tensors: Readonly<Record<string, T>>, start: string): Record<string, T> {
  const chosen = Object.entries(tensors).filter(([name]) => name.startsWith(start));
  return Object.fromEntries(chosen.map(([name, value]) => [name.slice(start.length), value]));
}

function prefix<T>(start: string, tensors: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [start + name, value]));
}

function keepAll(tensors: NamedTensors): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, tf.keep(tf.clone(value))]));
}

/** Hands kept tensors to the surrounding tidy. */
function release(tensors: NamedTensors): NamedTensors {
  const released = Object.entries(tensors).map(([name, value]) => {
    const copy = tf.clone(value);
    value.dispose();
    return [name, copy];
  });
  return Object.fromEntries(released);
}

function assertMetricNames(metrics: NamedTensors): NamedTensors {
  for (const name of ['loss', 'gradientNorm']) {
    if (name in metrics) {
      throw new RefclipError('usage', `createTrainStep: the metric ${name} has a reserved name. Rename it.`);
    }
  }
  return metrics;
}

function assertValues(specs: readonly ParameterSpec[], values: NamedHostTensors): void {
  const missing = specs.filter(({ name }) => !values[name]).map(({ name }) => name);
  const mismatched = specs.flatMap(({ name, shape }): MismatchedWeight[] => {
    const actual = values[name]?.shape;
    return actual && actual.join() !== shape.join() ? [{ name, expected: shape, actual }] : [];
  });
  if (missing.length + mismatched.length > 0) throw new WeightsError('createTrainStep', { missing, mismatched });
}
