import { declareParameters, type ParameterSpec, type Scope } from '@refclip/nn';
import type { LocatedBoxes, ReferringModel } from '@refclip/referring';
import type { NamedTensors } from '@refclip/runtime';
import * as tf from '@tensorflow/tfjs';
import { declareUnusedAttentionMap } from '../attention/garan-attention.js';
import { pickBestBoxes } from '../boxes/pick-best-boxes.js';
import { singleBoxLoss } from '../single-box/single-box-loss.js';
import { strideSpecs } from '../stride-specs.js';
import {
  REALGIN_STRIDE,
  type RealGinFrozenMaps,
  type RealGinOutput,
  realGinBranches,
  realGinForward,
  realGinFrozenMaps,
} from './realgin-forward.js';
import { type RealGinOptions, type ResolvedRealGinOptions, resolveRealGinOptions } from './realgin-options.js';

/** A RealGIN model of certain sizes: layers without weights. */
export interface RealGin extends ReferringModel {
  readonly name: 'realgin';
  readonly options: ResolvedRealGinOptions;
  /** Every stage of the forward pass, from what `encodeImages` gives. */
  forward(scope: Scope, encoded: NamedTensors, tokens: tf.Tensor2D): RealGinOutput;
}

type EncodedBranches = Readonly<Record<'branch8' | 'branch16' | 'branch32', tf.Tensor4D>>;

/**
 * RealGIN, a one-stage model that predicts the box of an expression, in the form of the RefCLIP lab's code (Darknet-53, YOLOv3's head), of the given sizes.
 *
 * A batch needs two expressions or more: the fusion normalizes one value per expression and channel.
 *
 * @throws {ConfigError} listing every option out of range.
 * @see Zhou et al. 2021, A Real-Time Global Inference Network for One-Stage Referring Expression Comprehension, TNNLS
 */
export function createRealGin(given: RealGinOptions): RealGin {
  const options = resolveRealGinOptions(given);
  const { inputSize, maxTokens, anchors } = options;
  const isCacheable = options.frozenStatistics === 'running';
  let declared: readonly ParameterSpec[] | undefined;

  const frozenOf = (scope: Scope, inputs: NamedTensors): RealGinFrozenMaps =>
    inputs.images
      ? realGinFrozenMaps(scope, inputs.images as tf.Tensor4D, options)
      : (inputs as RealGinFrozenMaps & NamedTensors);
  const model: RealGin = {
    name: 'realgin',
    options,
    inputSize,
    maxTokens,
    supervision: 'box',
    trainingSides: [inputSize],
    get parameters() {
      declared ??= declareAll(model);
      return declared;
    },
    isTrainable: (name) =>
      !/^visual_encoder\.module_list\.(\d|10|11)\./.test(name) && name !== 'lang_encoder.embedding.weight',
    imageInputs: (batch) =>
      isCacheable
        ? strideSpecs(batch, options)
        : { images: { shape: [batch, inputSize, inputSize, 3], dtype: 'uint8' } },
    ...(isCacheable && {
      frozenOutputs: (scope: Scope, images: tf.Tensor4D) => ({ ...realGinFrozenMaps(scope, images, options) }),
    }),
    trainLoss(scope, batch) {
      const branches = realGinBranches(scope, frozenOf(scope, batch), options);
      const output = realGinForward(scope, branches, batch.tokens as tf.Tensor2D, options);
      const target = tf.mul(batch.targets as tf.Tensor2D, inputSize / REALGIN_STRIDE) as tf.Tensor2D;
      const weights = batch.weights as tf.Tensor1D | undefined;
      const { loss, parts } = singleBoxLoss(output, target, {
        anchors,
        stride: REALGIN_STRIDE,
        ...(weights && { weights }),
      });
      return { loss, metrics: parts };
    },
    encodeImages(scope, inputs) {
      const [branch8, branch16, branch32] = realGinBranches(scope, frozenOf(scope, inputs), options);
      return { branch8, branch16, branch32 };
    },
    forward(scope, encoded, tokens) {
      const { branch8, branch16, branch32 } = encoded as EncodedBranches & NamedTensors;
      return realGinForward(scope, [branch8, branch16, branch32], tokens, options);
    },
    locate(scope, encoded, tokens): LocatedBoxes {
      const { boxes, objectness } = model.forward(scope, encoded, tokens);
      return pickBestBoxes(tf.mul(boxes, REALGIN_STRIDE) as tf.Tensor3D, objectness);
    },
  };
  return model;
}

/** Every tensor, the unused one of the attention included. */
function declareAll(model: RealGin): readonly ParameterSpec[] {
  const { hidden, maxTokens } = model.options;
  // Names and shapes do not depend on the input's size.
  const side = 64;
  return declareParameters(
    (scope, { images, tokens }) => {
      const encoded = model.encodeImages(scope, { images: images as tf.Tensor });
      model.forward(scope, encoded, tokens as tf.Tensor2D);
      declareUnusedAttentionMap(scope.child('garan'), hidden);
    },
    {
      images: { shape: [2, side, side, 3], dtype: 'float32' },
      tokens: { shape: [2, maxTokens], dtype: 'int32' },
    },
  ).parameters;
}
