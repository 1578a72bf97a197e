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

/** Shapes of a batch of the pre-training: `images` uint8 `[B, S, S, 3]` and `targets` of stride 32. */
export function pretrainingBatch(
  { options, shapes }: Detector,
  batch: number,
): Readonly<Record<'images' | 'targets', TensorSpec>> {
  const { inputSize, classes } = options;
  const boxes = shapes(batch).boxes[32];
  return {
    images: { shape: [batch, inputSize, inputSize, 3], dtype: 'uint8' },
    targets: { shape: [...boxes.slice(0, 3), targetFields + classes], dtype: 'float32' },
  };
}

/**
 * The loss of training a detector with boxes and categories, for `createTrainStep`: the head of stride 32 alone, which is the one RefCLIP reads. All three
 * features are trained as far as that head reaches.
 */
export function pretrainingLoss({ options }: Detector): (scope: Scope, batch: NamedTensors) => LossResult {
  return (scope, { images, targets }) => {
    const features = yolov3Features(scope, normalizeImages(images as tf.Tensor), options);
    const heads = runHeads(scope, features, options, [32]);
    const { loss, parts } = detectionLoss(heads[32] as GuidedAnchorOutput, targets as tf.Tensor4D);
    return { loss, metrics: parts };
  };
}
