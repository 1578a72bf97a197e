import { declareParameters, type ParameterSpec, type Scope } from '@refclip/nn';
import type { LocatedBoxes, ReferringModel } from '@refclip/referring';
import type { NamedTensors } from '@refclip/runtime';
import { declareUnusedProjections } from '@refclip/vision';
import * as tf from '@tensorflow/tfjs';
import { declareUnusedAttentionMap } from '../attention/garan-attention.js';
import { pickBestBoxes } from '../boxes/pick-best-boxes.js';
import { strideSpecs } from '../stride-specs.js';
import { yoloxLoss } from '../yolox/yolox-loss.js';
import { resizeNearest } from './resize-nearest.js';
import {
  type ScaleMaps,
  SIMREC_STRIDE,
  type SimRecOutput,
  simRecForward,
  simRecFrozenMaps,
  simRecImageMaps,
} from './simrec-forward.js';
import { type ResolvedSimRecOptions, resolveSimRecOptions, type SimRecOptions } from './simrec-options.js';

/** A SimREC model of certain sizes: layers without weights. */
export interface SimRec extends ReferringModel {
  readonly name: 'simrec';
  readonly options: ResolvedSimRecOptions;
  /** Every stage of the forward pass, from what `encodeImages` gives. */
  forward(scope: Scope, encoded: NamedTensors, tokens: tf.Tensor2D): SimRecOutput;
}

/**
 * SimREC, a one-stage model that predicts the box of an expression, of the given sizes.
 *
 * @throws {ConfigError} listing every option out of range.
 * @see Luo et al. 2022, What Goes beyond Multi-modal Fusion in One-stage Referring Expression Comprehension: An Empirical Study, arXiv 2204.07913
 */
export function createSimRec(given: SimRecOptions): SimRec {
  const options = resolveSimRecOptions(given);
  const { inputSize, maxTokens, multiScale, frozenStatistics } = options;
  const isCacheable = !multiScale && frozenStatistics === 'running';
  let declared: readonly ParameterSpec[] | undefined;

  const frozenOf = (scope: Scope, inputs: NamedTensors, side: number) => {
    if (!inputs.images) return inputs as ReturnType<typeof simRecFrozenMaps> & NamedTensors;
    return simRecFrozenMaps(scope, resizeNearest(inputs.images as tf.Tensor4D, side), options);
  };
  const model: SimRec = {
    name: 'simrec',
    options,
    inputSize,
    maxTokens,
    supervision: 'box',
    trainingSides: multiScale ? trainingSides(inputSize) : [inputSize],
    get parameters() {
      declared ??= declareAll(model);
      return declared;
    },
    isTrainable: (name) => !/^visual_encoder\.model\.[0-7]\./.test(name) && name !== 'lang_encoder.embedding.weight',
    imageInputs: (batch) =>
      isCacheable
        ? strideSpecs(batch, options)
        : { images: { shape: [batch, inputSize, inputSize, 3], dtype: 'uint8' } },
    ...(isCacheable && {
      frozenOutputs: (scope: Scope, images: tf.Tensor4D) => ({ ...simRecFrozenMaps(scope, images, options) }),
    }),
    trainLoss(scope, batch, { side = inputSize } = {}) {
      const maps = simRecImageMaps(scope, frozenOf(scope, batch, side), options);
      const { boxes, objectness } = simRecForward(scope, maps, batch.tokens as tf.Tensor2D, options);
      const target = tf.mul(batch.targets as tf.Tensor2D, side) as tf.Tensor2D;
      const weights = batch.weights as tf.Tensor1D | undefined;
      const { loss, parts } = yoloxLoss(
        { boxes, objectness, target, ...(weights && { weights }) },
        { stride: SIMREC_STRIDE },
      );
      return { loss, metrics: parts };
    },
    encodeImages: (scope, inputs) => ({ ...simRecImageMaps(scope, frozenOf(scope, inputs, inputSize), options) }),
    forward: (scope, encoded, tokens) => simRecForward(scope, encoded as ScaleMaps & NamedTensors, tokens, options),
    locate(scope, encoded, tokens): LocatedBoxes {
      const { boxes, objectness } = model.forward(scope, encoded, tokens);
      return pickBestBoxes(boxes, objectness);
    },
  };
  return model;
}

/** Multiples of 32 from 7/13 to 19/13 of a side: 224, 256, …, 608 for 416. */
function trainingSides(inputSize: number): readonly number[] {
  const [least, most] = [7, 19].map((part) => (inputSize * part) / (13 * SIMREC_STRIDE)) as [number, number];
  const first = Math.max(1, Math.ceil(least));
  return Array.from({ length: Math.floor(most) - first + 1 }, (_, i) => (first + i) * SIMREC_STRIDE);
}

/** Every tensor, the unused ones of the neck and the attention included. */
function declareAll(model: SimRec): readonly ParameterSpec[] {
  const { hidden, maxTokens } = model.options;
  // Names and shapes do not depend on the input's size.
  const side = 64;
  return declareParameters(
    (scope, { images, tokens }) => {
      const encoded = {
        ...simRecImageMaps(scope, simRecFrozenMaps(scope, images as tf.Tensor4D, model.options), model.options),
      };
      const { fused } = model.forward(scope, encoded, tokens as tf.Tensor2D);
      const features = { feature13: fused.map32, feature26: fused.map16, feature52: fused.map8 };
      declareUnusedProjections(scope.child('multi_scale_manner'), features, { hidden });
      declareUnusedAttentionMap(scope.child('attention_manner'), hidden);
    },
    {
      images: { shape: [2, side, side, 3], dtype: 'float32' },
      tokens: { shape: [2, maxTokens], dtype: 'int32' },
    },
  ).parameters;
}
