import type { LossResult, Scope } from '@refclip/nn';
import type { NamedTensors, TensorSpec } from '@refclip/runtime';
import type * as tf from '@tensorflow/tfjs';
import type { Detector } from '../yolov3/create-detector.js';
import { runHeads } from '../yolov3/detect.js';
import type { GuidedAnchorOutput } from '../yolov3/guided-anchor-head.js';
import { normalizeImages } from '../yolov3/normalize-images.js';
import { yolov3Features } from '../yolov3/yolov3-features.js';
import { detectionLoss } from './detection-loss.js';
import { targetFields } from './detection-targets.js';

/** What a network predicts at stride 32. */
export interface PretrainingShape {
  /** Side of the input, pixels. */
  readonly inputSize: number;
  readonly classes: number;
  /** Boxes per cell: the priors and the anchor-free one. */
  readonly boxes: number;
}

/** Shapes of a batch of the pre-training: `images` uint8 `[B, S, S, 3]` and `targets` of stride 32. */
export function pretrainingBatch(
  { inputSize, classes, boxes }: PretrainingShape,
  batch: number,
): Readonly<Record<'images' | 'targets', TensorSpec>> {
  return {
    images: { shape: [batch, inputSize, inputSize, 3], dtype: 'uint8' },
    targets: { shape: [batch, (inputSize / 32) ** 2, boxes, targetFields + classes], dtype: 'float32' },
  };
}

/**
 * The loss of training with boxes and categories, for `createTrainStep`: a guided-anchor head of stride 32, and what is below it.
 *
 * @param run  the network, on images `[B, S, S, 3]` in 0 … 255.
 */
export function pretrainingLoss(
  run: (scope: Scope, images: tf.Tensor4D) => GuidedAnchorOutput,
): (scope: Scope, batch: NamedTensors) => LossResult {
  return (scope, { images, targets }) => {
    const { loss, parts } = detectionLoss(run(scope, images as tf.Tensor4D), targets as tf.Tensor4D);
    return { loss, metrics: parts };
  };
}

/** RefCLIP's detector as `pretrainingLoss` takes it: the head of stride 32 alone, the only one RefCLIP reads; all three features are below it. */
export function pretrainingHead(scope: Scope, images: tf.Tensor4D, { options }: Detector): GuidedAnchorOutput {
  const features = yolov3Features(scope, normalizeImages(images), options);
  return runHeads(scope, features, options, [32])[32] as GuidedAnchorOutput;
}
