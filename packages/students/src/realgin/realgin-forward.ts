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
  const layers = (options.frozenStatistics === 'running' ? backbone.frozen() : backbone).child('module_list');
  const { map8, map16, map32 } = darknet53(layers, scaleImages(images), options);
  const half = scaleChannels(512, options.width);
  return { map8, map16, stem32: darknetResidual(layers.child(11), map32, { half, blocks: 2, shortcut: false }) };
}

/** Layers 12 and 13, which are trained. */
export function realGinTop(scope: Scope, stem32: tf.Tensor4D, { width }: ResolvedRealGinOptions): tf.Tensor4D {
  const layers = scope.child('visual_encoder').child('module_list');
  const narrow = convBnLeaky(layers.child(12), stem32, { filters: scaleChannels(512, width), kernelSize: 1 });
  return convBnLeaky(layers.child(13), narrow, { filters: scaleChannels(1024, width), kernelSize: 3 });
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
