import type { Scope } from '@refclip/nn';
import { gruAttentionEncoder } from '@refclip/text';
import { cspDarknetStem, cspDarknetTop, multiScaleFusion, scaleChannels, scaleImages } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';
import { garanAttention } from '../attention/garan-attention.js';
import { multiplicativeFusion, projectMap } from '../fusion/multiplicative-fusion.js';
import { decodeYoloxBoxes } from '../yolox/decode-yolox-boxes.js';
import { yoloxHead } from '../yolox/yolox-head.js';
import type { ResolvedSimRecOptions } from './simrec-options.js';

/** Pixels of the input per cell of the map that boxes are predicted on. */
export const SIMREC_STRIDE = 32;

/** Maps of strides 8, 16 and 32. */
export type ScaleMaps = Readonly<Record<'map8' | 'map16' | 'map32', tf.Tensor4D>>;

/** The layers that training does not change: what they make of images is a constant of the image on running statistics. */
export function simRecFrozenMaps(scope: Scope, images: tf.Tensor4D, options: ResolvedSimRecOptions) {
  const backbone = scope.child('visual_encoder');
  const isRunning = options.frozenStatistics === 'running';
  return cspDarknetStem(isRunning ? backbone.frozen() : backbone, scaleImages(images), options);
}

/** The three maps, each projected to the joint channels, from the outputs of the frozen layers. */
export function simRecImageMaps(
  scope: Scope,
  { map8, map16, stem32 }: ReturnType<typeof simRecFrozenMaps>,
  options: ResolvedSimRecOptions,
): ScaleMaps {
  const map32 = cspDarknetTop(scope.child('visual_encoder'), stem32, options);
  const project = (scale: number, map: tf.Tensor4D) =>
    projectMap(scope.child('fusion_manner').child(scale), map, { filters: options.hidden });
  return { map8: project(0, map8), map16: project(1, map16), map32: project(2, map32) };
}

/** What SimREC makes of images and expressions, every stage of it. */
export interface SimRecOutput {
  /** `[B, textHidden]` */
  readonly text: tf.Tensor2D;
  /** `[B, S/stride, S/stride, hidden]` */
  readonly fused: ScaleMaps;
  /** `[B, S/32, S/32, hidden]` */
  readonly multiScale: tf.Tensor4D;
  /** `[B, S/32, S/32, hidden]` */
  readonly attended: tf.Tensor4D;
  /** `[B, cells, 4]`: cx, cy, w, h in pixels of the network's input. */
  readonly boxes: tf.Tensor3D;
  /** `[B, cells]`, logits. */
  readonly objectness: tf.Tensor2D;
}

/**
 * Fuses each map with the expression, the maps with each other, attends, and predicts one box per cell.
 *
 * @param maps    of `simRecImageMaps`.
 * @param tokens  int32 `[B, T]`, 0 where there is no word.
 */
export function simRecForward(
  scope: Scope,
  maps: ScaleMaps,
  tokens: tf.Tensor2D,
  options: ResolvedSimRecOptions,
): SimRecOutput {
  const { hidden, dropout } = options;
  const { sentenceEmbedding: text } = gruAttentionEncoder(scope.child('lang_encoder'), tokens, {
    words: options.words,
    dimension: options.wordDimension,
    hidden: options.textHidden,
    layers: options.attentionLayers,
    dropout,
  });
  const fuse = (scale: number, map: tf.Tensor4D) =>
    multiplicativeFusion(scope.child('fusion_manner').child(scale), map, text);
  const fused = { map8: fuse(0, maps.map8), map16: fuse(1, maps.map16), map32: fuse(2, maps.map32) };
  const multiScale = multiScaleFusion(
    scope.child('multi_scale_manner'),
    { feature52: fused.map8, feature26: fused.map16, feature13: fused.map32 },
    { hidden, upsampling: 'bilinear' },
  );
  const { attended } = garanAttention(scope.child('attention_manner'), multiScale, text, { dropout });
  const { raw, objectness } = yoloxHead(scope.child('head'), attended, {
    filters: scaleChannels(256, options.width),
  });
  return { text, fused, multiScale, attended, boxes: decodeYoloxBoxes(raw, SIMREC_STRIDE), objectness };
}
