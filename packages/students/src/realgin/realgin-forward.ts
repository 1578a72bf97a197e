import { conv2d, convBnLeaky, type Scope } from '@refclip/nn';
import { gruAttentionEncoder } from '@refclip/text';
import { assertSquareImages, darknet53, darknetResidual, scaleChannels, scaleImages } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';
import { type GaranAttention, garanAttention } from '../attention/garan-attention.js';
import {
  type FeatureBranches,
  featureBranches,
  type SelectedFeatures,
  selectFeatures,
} from '../fusion/adaptive-feature-selection.js';
import { multiplicativeFusion, projectMap } from '../fusion/multiplicative-fusion.js';
import { decodeSingleBoxes, type SingleBoxOutput } from '../single-box/single-box-output.js';
import type { ResolvedRealGinOptions } from './realgin-options.js';

/** Pixels of the input per cell of the map that boxes are predicted on. */
export const REALGIN_STRIDE = 32;

/** Softmaxes of the text encoder's pooling. */
const glimpses = 8;

/** What the frozen layers make of images: constants of the image on running statistics. */
export type RealGinFrozenMaps = Readonly<Record<'map8' | 'map16' | 'stem32', tf.Tensor4D>>;

/** Layers 0 to 11: Darknet-53, and two blocks without shortcuts. */
export function realGinFrozenMaps(
  scope: Scope,
  images: tf.Tensor4D,
  options: ResolvedRealGinOptions,
): RealGinFrozenMaps {
  assertSquareImages('realGinFrozenMaps', images);
  const backbone = scope.child('visual_encoder');
  return trunkMaps(
    (options.frozenStatistics === 'running' ? backbone.frozen() : backbone).child('module_list'),
    images,
    options,
  );
}

type TrunkSize = Pick<ResolvedRealGinOptions, 'width' | 'depth'>;

function trunkMaps(layers: Scope, images: tf.Tensor4D, options: TrunkSize): RealGinFrozenMaps {
  const { map8, map16, map32 } = darknet53(layers, scaleImages(images), options);
  const half = scaleChannels(512, options.width);
  return { map8, map16, stem32: darknetResidual(layers.child(11), map32, { half, blocks: 2, shortcut: false }) };
}

/** Layers 12 and 13, which are trained. */
export function realGinTop(scope: Scope, stem32: tf.Tensor4D, options: ResolvedRealGinOptions): tf.Tensor4D {
  return trunkTop(scope.child('visual_encoder').child('module_list'), stem32, options);
}

function trunkTop(layers: Scope, stem32: tf.Tensor4D, { width }: TrunkSize): tf.Tensor4D {
  const narrow = convBnLeaky(layers.child(12), stem32, { filters: scaleChannels(512, width), kernelSize: 1 });
  return convBnLeaky(layers.child(13), narrow, { filters: scaleChannels(1024, width), kernelSize: 3 });
}

/**
 * Layers 0 to 13 alone, for pre-training on object boxes: all of them are trained then.
 *
 * @param scope   above `module_list`.
 * @param images  `[B, S, S, 3]`, RGB in 0 … 255, letterboxed.
 * @returns `[B, S/32, S/32, 1024]` at width 1.
 */
export function realGinTrunk(scope: Scope, images: tf.Tensor4D, options: TrunkSize): tf.Tensor4D {
  const { stem32 } = trunkMaps(scope.child('module_list'), images, options);
  return trunkTop(scope.child('module_list'), stem32, options);
}

/** The three branches that an expression chooses from. */
export function realGinBranches(
  scope: Scope,
  { map8, map16, stem32 }: RealGinFrozenMaps,
  options: ResolvedRealGinOptions,
): FeatureBranches {
  return featureBranches(scope.child('afs'), [map8, map16, realGinTop(scope, stem32, options)], {
    inner: scaleChannels(256, options.width),
    filters: options.hidden,
  });
}

/** What RealGIN makes of images and expressions, every stage of it. */
export interface RealGinOutput extends SelectedFeatures, GaranAttention, SingleBoxOutput {
  /** `[B, textHidden]` */
  readonly text: tf.Tensor2D;
  /** `[B, S/32, S/32, 2·hidden]` */
  readonly fused: tf.Tensor4D;
  /** `[B, S/32, S/32, A·5]`, order (anchor, [x, y, w, h, objectness]). */
  readonly map: tf.Tensor4D;
}

/**
 * Selects features, attends, fuses with the expression, and predicts a box per anchor and cell.
 *
 * @param branches  of `realGinBranches`.
 * @param tokens    int32 `[B, T]`, 0 where there is no word.
 */
export function realGinForward(
  scope: Scope,
  branches: FeatureBranches,
  tokens: tf.Tensor2D,
  options: ResolvedRealGinOptions,
): RealGinOutput {
  const { hidden, dropout, anchors, textHidden } = options;
  const { sentenceEmbedding: text } = gruAttentionEncoder(scope.child('lang_encoder'), tokens, {
    words: options.words,
    dimension: options.wordDimension,
    hidden: textHidden,
    layers: options.attentionLayers,
    feedForward: 2 * textHidden,
    glimpses,
    dropout,
  });
  const selection = selectFeatures(scope.child('afs'), branches, text);
  const attention = garanAttention(scope.child('garan'), selection.selected, text, { dropout });
  const fusion = scope.child('fusion_manner');
  const fused = multiplicativeFusion(fusion, projectMap(fusion, attention.attended, { filters: 2 * hidden }), text);
  const map = conv2d(scope.child('head').child('dconv'), fused, { filters: 5 * anchors.length, kernelSize: 1 });
  return {
    text,
    ...selection,
    ...attention,
    fused,
    map,
    ...decodeSingleBoxes(map, { anchors, stride: REALGIN_STRIDE }),
  };
}
