import type { Scope } from '@refclip/nn';
import type * as tf from '@tensorflow/tfjs';
import { decodeBoxes } from './decode-boxes.js';
import type { ResolvedDetectorOptions, Stride } from './detector-options.js';
import { type GuidedAnchorOutput, guidedAnchorHead } from './guided-anchor-head.js';
import { type Yolov3Features, yolov3Features } from './yolov3-features.js';

/** What a detector makes of images. */
export interface Detections extends Yolov3Features {
  /** Boxes of each head that ran, by stride: `[B, cells, A, 5 + C]`, see `decodeBoxes`. */
  readonly boxes: Partial<Readonly<Record<Stride, tf.Tensor4D>>>;
}

/** Index of the head of each scale in the official list of modules. */
const HEADS: Readonly<Record<Stride, number>> = { 32: 19, 16: 28, 8: 37 };

const featureOf = { 32: 'feature13', 16: 'feature26', 8: 'feature52' } as const;

/**
 * Runs the detector: features at three scales, and the boxes of some heads.
 *
 * @param images  `[B, S, S, 3]`, normalized (`normalizeImages`).
 * @param heads  strides of the heads that run; RefCLIP reads the boxes of stride 32 alone. Default `[32]`.
 */
export function detect(
  scope: Scope,
  images: tf.Tensor4D,
  options: ResolvedDetectorOptions,
  { heads = [32] }: { readonly heads?: readonly Stride[] } = {},
): Detections {
  const features = yolov3Features(scope, images, options);
  const raw = runHeads(scope, features, options, heads);
  const boxes: Partial<Record<Stride, tf.Tensor4D>> = {};
  for (const stride of heads) {
    boxes[stride] = decodeBoxes(raw[stride] as GuidedAnchorOutput, { stride, priors: options.priors[stride] });
  }
  return { ...features, boxes };
}

/** The raw predictions of some heads, by stride. */
export function runHeads(
  scope: Scope,
  features: Partial<Yolov3Features>,
  { classes, priors }: ResolvedDetectorOptions,
  heads: readonly Stride[],
): Partial<Record<Stride, GuidedAnchorOutput>> {
  const outputs: Partial<Record<Stride, GuidedAnchorOutput>> = {};
  for (const stride of heads) {
    const feature = features[featureOf[stride]] as tf.Tensor4D;
    const head = scope.child('module_list').child(HEADS[stride]);
    outputs[stride] = guidedAnchorHead(head, feature, { boxes: priors[stride].length + 1, classes });
  }
  return outputs;
}
