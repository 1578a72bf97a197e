import { conv2d, kaimingUniformInitializer, type Scope, stopGradient, uniformInitializer } from '@refclip/nn';
import type * as tf from '@tensorflow/tfjs';
import { deformConv2d } from '../ops/deform-conv2d.js';

/** What the head of one scale predicts, before decoding. A boxes per cell, C classes. */
export interface GuidedAnchorOutput {
  /** `[B, H, W, A·2]`: logarithms of the priors' factors, order (box, [w, h]). */
  readonly guide: tf.Tensor4D;
  /** `[B, H, W, A·(5 + C)]`, order (box, [x, y, w, h, objectness, classes]). */
  readonly raw: tf.Tensor4D;
}

/** Options of `guidedAnchorHead`. */
export interface GuidedAnchorOptions {
  /** Boxes per cell: the priors and the anchor-free one. */
  readonly boxes: number;
  readonly classes: number;
}

/**
 * The head of one scale: it guesses the shapes of its anchors, bends a convolution to them, and predicts.
 *
 * No gradient flows from the offsets back to the guessed shapes.
 *
 * @param scope  `module_list.19`, `.28` or `.37` of the detector.
 * @param feature  `[B, H, W, C]`; C a multiple of the boxes.
 * @see Wang et al. 2019, Region Proposal by Guided Anchoring, sections 3.2 and 3.4
 */
export function guidedAnchorHead(
  scope: Scope,
  feature: tf.Tensor4D,
  { boxes, classes }: GuidedAnchorOptions,
): GuidedAnchorOutput {
  const channels = feature.shape[3];
  const guide = conv2d(scope.child('guide_wh'), feature, { filters: 2 * boxes, kernelSize: 1 });
  const adaption = scope.child('Feature_adaption');
  const offset = conv2d(adaption.child('conv_offset'), stopGradient(guide), {
    filters: boxes * 18,
    kernelSize: 1,
    groups: boxes,
  });
  const convolution = adaption.child('dconv');
  const bound = 1 / Math.sqrt(9 * channels);
  const filter = convolution.parameter('weight', [3, 3, channels, channels], kaimingUniformInitializer, 'conv');
  const adapted = deformConv2d(feature, offset, filter as tf.Tensor4D, {
    padding: 1,
    offsetGroups: boxes,
    bias: convolution.parameter('bias', [channels], uniformInitializer(bound)),
  });
  return { guide, raw: conv2d(scope.child('conv'), adapted, { filters: boxes * (5 + classes), kernelSize: 1 }) };
}
