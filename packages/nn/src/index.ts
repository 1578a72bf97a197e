export { type BatchNormOptions, batchNorm } from './layers/batch-norm.js';
export { type ConvBnLeakyOptions, convBnLeaky } from './layers/conv-bn-leaky.js';
export { type ConvBnSiluOptions, convBnSilu } from './layers/conv-bn-silu.js';
export { type Conv2dOptions, conv2d } from './layers/conv2d.js';
export { leakyRelu } from './layers/leaky-relu.js';
export { type LinearOptions, linear } from './layers/linear.js';
export { silu } from './layers/silu.js';
export { stopGradient } from './layers/stop-gradient.js';
export { upsampleBilinear2x } from './layers/upsample-bilinear2x.js';
export { upsampleNearest2x } from './layers/upsample-nearest2x.js';
export { withoutGradient } from './layers/without-gradient.js';
export { binaryCrossEntropy } from './losses/binary-cross-entropy.js';
export { type CompileModelOptions, compileModel } from './models/compile-model.js';
export { type CreateScopeOptions, createScope, type ScopeWithStatistics } from './parameters/create-scope.js';
export { type Declaration, declareParameters } from './parameters/declare-parameters.js';
export { fileShape, fromFileLayout, toFileLayout } from './parameters/file-layout.js';
export { initializeParameters } from './parameters/initialize-parameters.js';
export {
  constantInitializer,
  fanInOf,
  type Initializer,
  kaimingUniformInitializer,
  normalInitializer,
  onesInitializer,
  uniformInitializer,
  zerosInitializer,
} from './parameters/initializers.js';
export { loadParameters } from './parameters/load-parameters.js';
export {
  type MatchParametersOptions,
  matchParameters,
  type ParameterMatch,
} from './parameters/match-parameters.js';
export type { MaskSpec, ParameterLayout, ParameterSpec } from './parameters/parameter-spec.js';
export { Scope, type ScopeSource } from './parameters/scope.js';
export { CounterRandom } from './random/counter-random.js';
export { type AdamOptions, type AdamState, adam } from './training/adam.js';
export { clipByGlobalNorm } from './training/clip-by-global-norm.js';
export {
  createTrainStep,
  type LossResult,
  modelValues,
  type TrainStep,
  type TrainStepOptions,
} from './training/create-train-step.js';
export { drawMasks } from './training/draw-masks.js';
export { MOVING_AVERAGE_DECAY, updateMovingAverage } from './training/update-moving-average.js';
export { warmupConstant } from './training/warmup-constant.js';
export { type WarmupCosineOptions, warmupCosine } from './training/warmup-cosine.js';
